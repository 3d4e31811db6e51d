import { Observable, type ObservableInput } from 'rxjs';
import type { ReceivedMessage } from '../protocol/index.js';
import { callListener } from './call-listener.js';
import { concatMapFrom, type SseConcatMapOptions } from './concat-map.js';
import { ConnectionLoop, type LoopEnding } from './connection-loop.js';
import type { SseConnectionOutcome, SseConnectionPhase, SseConnectionState } from './connection-state.js';
import { CursorKeeper } from './cursor-keeper.js';
import { FanOut } from './fan-out.js';
import { iterateMessages } from './message-iterator.js';
import type { ReceiverObserver, SubscriptionObserver } from './receiver-observer.js';
import type { ReceiverSettings } from './receiver-settings.js';
import { ReconnectPace } from './reconnect-pace.js';
import { refuseUntold } from './refuse-untold.js';
import { StateFeed } from './state-feed.js';
import type { SubscriptionLinks } from './subscription-links.js';

/** Deals with one message. */
export type SseMessageHandler = (message: ReceivedMessage, context: { readonly signal: AbortSignal }) => Promise<void>;

/**
 * Somebody else's event stream, followed over as many connections as it takes. Made by
 * {@link SseReceiverService.subscribe}.
 *
 * It connects when it is first consumed, by `for await`, {@link process}, {@link concatMap} or `messages$`; all consumers
 * share one connection, each sees every message from when it joined, and the slowest of those that pull sets the pace,
 * down to the socket. When the last consumer has left, the connection is closed and the subscription is `idle` again: who
 * consumes it next resumes after {@link lastEventId}, over a new connection, once a wait that was begun is over, and 100 ms after the last one was begun. (A request that must not be sent twice is closed for good then.)
 *
 * It ends by {@link close}, quietly; by a 204 from the server, after which consumers get what has arrived and then the
 * end; or by a failure that is final: iterators throw it, Observables error with it, `process()` rejects with it.
 *
 * @example
 * const ticks = receiver.subscribe('https://example.com/ticks');
 * for await (const message of ticks) {
 *   console.log(message.event, message.json());
 * }
 */
export class SseSubscription implements AsyncIterable<ReceivedMessage> {
  // Private to the language, too: whoever logs a subscription must not log its headers.
  readonly #settings: ReceiverSettings;
  readonly #links: SubscriptionLinks;
  readonly #feed = new StateFeed();
  readonly #aborter = new AbortController();
  readonly #pace = new ReconnectPace();
  readonly #fanOut: FanOut;
  readonly #keeper: CursorKeeper | undefined;
  readonly #messages$: Observable<ReceivedMessage>;
  #observer: SubscriptionObserver | undefined;
  #loop: ConnectionLoop | undefined;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(settings: ReceiverSettings, links: SubscriptionLinks) {
    this.#settings = settings;
    this.#links = links;
    this.#fanOut = new FanOut(settings.lastEventId, {
      onFirstJoined: () => this.#connect(),
      onLastLeft: () => this.#disconnect(),
      onRoom: () => this.#loop?.resume(),
      onConsumed: () => this.#keeper?.moved(this.#fanOut.consumedId),
      onAbandoned: (cursor) => this.#keeper && links.onCursorHeld(cursor),
    });
    const { cursorStore, name = '' } = settings;
    this.#keeper =
      cursorStore &&
      new CursorKeeper(cursorStore, name, {
        onFenced: (error) => this.#stopAsFenced(error),
        onTrouble: (error, isLast) => links.onCursorTrouble(error, isLast),
      });
    this.#messages$ = new Observable((subscriber) => this.#fanOut.joinPushing(subscriber));
  }

  /**
   * The messages, pushed as they arrive. Each Observable subscription is a consumer. It cannot hold the stream up, and
   * whoever makes it wait (`concatMap` of RxJS, `delay`, ...) buffers without bound: give a slow consumer `for await`,
   * {@link process} or {@link concatMap} instead.
   *
   * @throws SseOptionsError with a `cursorStore`: an Observable does not tell when a message is finished
   */
  get messages$(): Observable<ReceivedMessage> {
    if (this.#keeper) refuseUntold('messages$');
    return this.#messages$;
  }

  /**
   * The connection's state, beginning with the present one. Watching it does not connect. It never errors: a final
   * failure comes as the last state, `closed`, with the error in it; then it completes.
   */
  get state$(): Observable<SseConnectionState> {
    return this.#feed.state$;
  }

  /** Where it stands: `waiting` is the time until the next connection is tried, or until its consumers caught up. */
  get state(): SseConnectionPhase {
    return this.#feed.phase;
  }

  /**
   * The cursor: the id up to which every consumer has finished everything. A loop has finished a message when it asks for
   * the next one, or breaks; {@link process} when its handler has; an Observable at once. Empty when there is none. A
   * subscription that is begun with it as its option resumes after it.
   */
  get lastEventId(): string {
    return this.#fanOut.consumedId;
  }

  /**
   * A consumer that joins at the first `next()`; `return()`, as by `break`, ends this one only. With a `cursorStore` the
   * message at which a loop was left counts as unfinished, for a `break` cannot be told from a `throw`: it comes again.
   */
  [Symbol.asyncIterator](): AsyncIterator<ReceivedMessage, undefined, undefined> {
    const finish = this.#keeper && (() => this.#saveCursor());
    return iterateMessages(() => this.#fanOut.joinPulling(), finish);
  }

  /**
   * Hands the messages to a handler, one at a time: the next one when it has finished, and the cursor follows. A
   * message whose handler failed is not finished: whoever resumes from {@link lastEventId} gets it again.
   *
   * @param handler gets a signal, too, that is aborted when the subscription is closed
   * @returns resolves when the subscription has ended, the running handler has finished, and the cursor is saved; rejects
   *   with what the handler threw, which ends this consumer only, or with the failure that ended the subscription
   */
  async process(handler: SseMessageHandler): Promise<void> {
    const consumer = this.#fanOut.joinPulling();
    const context = { signal: this.#aborter.signal };
    try {
      // Without waiting for what is there already: it would take a third of the speed.
      for (
        let result = await consumer.next();
        !result.done;
        result = consumer.nextAtHand() ?? (await consumer.next())
      ) {
        await handler(result.value, context);
        consumer.finish();
      }
    } finally {
      consumer.leave();
      await this.#saveCursor();
    }
  }

  /**
   * What `project` makes of the messages, one after the other, as an Observable: the `concatMap` of RxJS with a bound on
   * what waits. A message is finished when its inner Observable (promise, iterable) has completed.
   *
   * @param options `overflow` says what happens when more than `maxBuffered` messages (default 1,000) wait: `pause` (the
   *   default) holds the stream up, down to the socket, as `for await` does, and long before; `drop-oldest` drops what has
   *   waited longest, and tells `onDrop`; `fail` errors with an {@link SseBacklogError}
   * @throws SseOptionsError for options that cannot be used, and for any `overflow` but `pause` with a `cursorStore`
   * @example
   * orders.concatMap((message) => save(message.json())).subscribe();
   */
  concatMap<R>(
    project: (message: ReceivedMessage, context: { readonly signal: AbortSignal }) => ObservableInput<R>,
    options: SseConcatMapOptions = {},
  ): Observable<R> {
    if (this.#keeper && (options.overflow ?? 'pause') !== 'pause') refuseUntold(`overflow '${options.overflow}'`);
    const { signal } = this.#aborter;
    return concatMapFrom(
      this.#fanOut,
      (message) => project(message, { signal }),
      options,
      () => this.#saveCursor(),
    );
  }

  /**
   * Ends every iterator and Observable, and the connection, in whatever phase it is. Nothing is delivered any more, not
   * even what has arrived already. May be called any number of times.
   *
   * @returns resolves when the socket is gone, and the cursor is saved as far as it has come; it does not wait for a
   *   running handler of {@link process}, which saves it again
   */
  close(): Promise<void> {
    this.#closing ??= this.#closeNow();
    return this.#closing;
  }

  /** @internal */
  observe(observer: ReceiverObserver): void {
    const { name, method } = this.#settings;
    const fanOut = this.#fanOut;
    this.#observer = observer.observe({ name, method, backlog: () => fanOut.backlog });
    this.#feed.tell(this.#observer);
  }

  async #closeNow(): Promise<void> {
    const stopped = this.#loop?.stop();
    if (this.#feed.phase !== 'closed') {
      const outcome = { kind: 'aborted', attempt: this.#pace.lostInRow + 1, willRetry: false } as const;
      this.#feed.enter({ phase: 'closed', outcome });
      this.#links.onClosed();
    }
    this.#fanOut.close();
    this.#aborter.abort();
    await Promise.all([stopped, this.#saveCursor()]);
  }

  /** Resolves at once where there is no store. */
  async #saveCursor(): Promise<void> {
    await this.#keeper?.settle(this.#feed.phase === 'closed');
  }

  #connect(): void {
    const loop = new ConnectionLoop(this.#settings, this.#links.transport, this.#pace, {
      lastEventId: () => this.#findCursor(),
      requestHeaders: () => this.#observer?.requestHeaders(),
      onState: (state) => this.#feed.enter(state),
      onMessage: (message) => {
        this.#observer?.received();
        this.#fanOut.append(message);
      },
      onComment: (comment) => {
        const { onComment } = this.#settings;
        if (onComment) callListener(onComment, comment, (error) => this.#endBecause('decode', error));
      },
      onChunkDone: (lastEventId, hadMessage) => {
        if (hadMessage) this.#observer?.chunkDone();
        return this.#fanOut.settle(lastEventId);
      },
      onEnd: (ending) => this.#end(ending),
    });
    this.#loop = loop;
    loop.start();
  }

  async #findCursor(): Promise<string> {
    if (this.#keeper && !this.#keeper.isLoaded) {
      const stored = await this.#keeper.load(this.#settings.lastEventId);
      if (stored !== undefined) this.#fanOut.beginAt(stored);
    }
    return this.#fanOut.receivedId;
  }

  #disconnect(): void {
    if (this.#settings.once) {
      void this.close();
      return;
    }
    void this.#loop?.stop();
    this.#loop = undefined;
    this.#pace.leave();
    this.#feed.enter({ phase: 'idle' });
  }

  /** Whoever has the source now goes on with it: what nobody has begun here is begun there. */
  #stopAsFenced(error: Error): void {
    if (this.#feed.phase === 'closed') return;
    this.#fanOut.stopDelivering();
    this.#endBecause('cursor', error);
    this.#aborter.abort();
  }

  #endBecause(kind: SseConnectionOutcome['kind'], error: Error): void {
    if (this.#feed.phase === 'closed') return;
    this.#end({ outcome: { kind, attempt: this.#pace.lostInRow + 1, willRetry: false, error }, error });
  }

  #end({ outcome, error }: LoopEnding): void {
    void this.#loop?.stop();
    this.#feed.enter({ phase: 'closed', outcome, ...(error && { error }) });
    this.#links.onClosed();
    this.#fanOut.end(error ? { error } : {});
  }
}
