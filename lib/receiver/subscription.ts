import { Observable, ReplaySubject } from 'rxjs';
import type { ReceivedMessage } from '../protocol/index.js';
import { ConnectionLoop, type LoopEnding } from './connection-loop.js';
import type { SseConnectionPhase, SseConnectionState } from './connection-state.js';
import { FanOut } from './fan-out.js';
import type { PullConsumer } from './pull-consumer.js';
import type { ReceiverSettings } from './receiver-settings.js';
import { ReconnectPace } from './reconnect-pace.js';
import type { Transport } from './transport.js';

/** Deals with one message. */
export type SseMessageHandler = (message: ReceivedMessage, context: { readonly signal: AbortSignal }) => Promise<void>;

/**
 * Somebody else's event stream, followed over as many connections as it takes. Made by
 * {@link SseReceiverService.subscribe}.
 *
 * It connects when it is first consumed, by `for await`, `messages$` or {@link process}; all consumers share one
 * connection, each sees every message from when it joined, and the slowest of those that pull sets the pace, down to
 * the socket. When the last consumer has left, the connection is closed and the subscription is `idle` again: who
 * consumes it next resumes after {@link lastEventId}, over a new connection (no sooner than a lost one would have been
 * made again). (A request that must not be sent twice is closed for good then.)
 *
 * It ends by {@link close}, quietly; by a 204 from the server, after which consumers get what has arrived and then the
 * end; or by a failure that is final: iterators throw it, `messages$` errors with it, `process()` rejects with it.
 *
 * @example
 * const ticks = receiver.subscribe('https://example.com/ticks');
 * for await (const message of ticks) {
 *   console.log(message.event, message.json());
 * }
 */
export class SseSubscription implements AsyncIterable<ReceivedMessage> {
  /**
   * The messages, pushed as they arrive. Each Observable subscription is a consumer. It cannot hold the stream up: give
   * a slow consumer `for await` or {@link process} instead.
   */
  readonly messages$: Observable<ReceivedMessage>;
  /**
   * The connection's state, beginning with the present one. Watching it does not connect. It never errors: a final
   * failure comes as the last state, `closed`, with the error in it; then it completes.
   */
  readonly state$: Observable<SseConnectionState>;

  private readonly states = new ReplaySubject<SseConnectionState>(1);
  private readonly aborter = new AbortController();
  private readonly pace = new ReconnectPace();
  private readonly fanOut: FanOut;
  private loop: ConnectionLoop | undefined;
  private phase: SseConnectionPhase = 'idle';
  private closing: Promise<void> | undefined;

  /** @internal */
  constructor(
    private readonly settings: ReceiverSettings,
    private readonly transport: Transport,
    private readonly onClosed: () => void,
  ) {
    this.fanOut = new FanOut(settings.lastEventId, {
      onFirstJoined: () => this.connect(),
      onLastLeft: () => this.disconnect(),
      onRoom: () => this.loop?.resume(),
    });
    this.messages$ = new Observable((subscriber) => this.fanOut.joinPushing(subscriber));
    this.state$ = this.states.asObservable();
    this.enter({ phase: 'idle' });
  }

  /** Where it stands: `waiting` is the time until the next connection is tried, or until its consumers caught up. */
  get state(): SseConnectionPhase {
    return this.phase;
  }

  /**
   * The cursor: the id up to which every consumer has got everything, {@link process} only what its handler has
   * finished. Empty when there is none. A subscription that is begun with it as its option resumes after it.
   */
  get lastEventId(): string {
    return this.fanOut.consumedId;
  }

  /** A consumer that joins at the first `next()`; `return()`, as by `break`, ends this one only. */
  [Symbol.asyncIterator](): AsyncIterator<ReceivedMessage, undefined, undefined> {
    let consumer: PullConsumer | undefined;
    let returned = false;
    const end: IteratorResult<ReceivedMessage, undefined> = { done: true, value: undefined };
    return {
      next: async () => {
        if (returned) return end;
        consumer ??= this.fanOut.joinPulling(false);
        return consumer.next();
      },
      return: async () => {
        returned = true;
        consumer?.leave();
        return end;
      },
    };
  }

  /**
   * Hands the messages to a handler, one at a time: the next one when it has finished, and the cursor follows. A
   * message whose handler failed is not finished: whoever resumes from {@link lastEventId} gets it again.
   *
   * @param handler gets a signal, too, that is aborted when the subscription is closed
   * @returns resolves when the subscription has ended and the running handler has finished; rejects with what the
   *   handler threw, which ends this consumer only, or with the failure that ended the subscription
   */
  async process(handler: SseMessageHandler): Promise<void> {
    const consumer = this.fanOut.joinPulling(true);
    try {
      for (let result = await consumer.next(); !result.done; result = await consumer.next()) {
        await handler(result.value, { signal: this.aborter.signal });
        consumer.finish();
      }
    } finally {
      consumer.leave();
    }
  }

  /**
   * Ends every iterator and Observable, and the connection, in whatever phase it is. Nothing is delivered any more, not
   * even what has arrived already. May be called any number of times.
   *
   * @returns resolves when the socket is gone; it does not wait for a running handler of {@link process}
   */
  close(): Promise<void> {
    this.closing ??= this.closeNow();
    return this.closing;
  }

  private closeNow(): Promise<void> {
    const stopped = this.loop?.stop();
    if (this.phase !== 'closed') this.leaveForGood({ phase: 'closed' });
    this.fanOut.close();
    this.aborter.abort();
    return stopped ?? Promise.resolve();
  }

  private connect(): void {
    const loop = new ConnectionLoop(this.settings, this.transport, this.pace, {
      lastEventId: () => this.fanOut.receivedId,
      onState: (state) => this.enter(state),
      onMessage: (message) => this.fanOut.append(message),
      onComment: (comment) => this.comment(comment),
      onChunkDone: (lastEventId) => this.fanOut.settle(lastEventId),
      onEnd: (ending) => this.end(ending),
    });
    this.loop = loop;
    loop.start();
  }

  private disconnect(): void {
    if (this.settings.once) {
      void this.close();
      return;
    }
    void this.loop?.stop();
    this.loop = undefined;
    this.enter({ phase: 'idle' });
  }

  private comment(comment: string): void {
    try {
      // An asynchronous function is a function that returns nothing, to TypeScript: its rejection would end the process.
      const done: unknown = this.settings.onComment?.(comment);
      if (done instanceof Promise) done.catch((cause) => this.failComment(cause));
    } catch (cause) {
      this.failComment(cause);
    }
  }

  private failComment(cause: unknown): void {
    if (this.phase === 'closed') return;
    const error = cause instanceof Error ? cause : new Error('onComment threw what is no Error', { cause });
    this.end({ outcome: { kind: 'decode', attempt: 1, willRetry: false, error }, error });
  }

  private end({ outcome, error }: LoopEnding): void {
    void this.loop?.stop();
    this.leaveForGood({ phase: 'closed', outcome, ...(error && { error }) });
    this.fanOut.end(error ? { error } : {});
  }

  private leaveForGood(state: SseConnectionState): void {
    this.enter(state);
    this.states.complete();
    this.onClosed();
  }

  private enter(state: SseConnectionState): void {
    this.phase = state.phase;
    this.states.next(state);
  }
}
