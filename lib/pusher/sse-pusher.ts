import { formatMessage, type SseMessage, type SseMessageOf } from '../protocol/index.js';
import type { SseCloseReason, SseStreamClosed } from './close-reason.js';
import type { EventStream } from './event-stream.js';
import { guardRejection } from './guard-rejection.js';
import { pipeSource } from './pipe-source.js';
import { type SseSource, toRunnableSource } from './sources.js';
import type { StreamFailures } from './stream-failures.js';
import type { SseStreamState } from './stream-life.js';

/**
 * Sends events to one client. Made by `@SseStream()` for a parameter with `@Pusher()`, or by `SsePusherFactory`.
 *
 * @typeParam M event names and the data that belongs to each, such as `{ created: Order; deleted: { id: string } }`
 *
 * @example
 * ```ts
 * async function tick(pusher: SsePusher) {
 *   while (await pusher.push({ event: 'tick', data: { at: Date.now() } })) {
 *     await setTimeout(1000, undefined, { signal: pusher.signal });
 *   }
 * }
 * ```
 */
export class SsePusher<M extends object = any> {
  readonly #stream: EventStream;
  readonly #failures: StreamFailures;
  #abort: AbortController | undefined;

  /** @internal Pushers come from `@Pusher()` and from `SsePusherFactory`. */
  constructor(stream: EventStream, failures: StreamFailures) {
    this.#stream = stream;
    this.#failures = failures;
  }

  /** What the client has sent as `Last-Event-ID`; absent on a first connect, and when it was too long to be believed. */
  get lastEventId(): string | undefined {
    return this.#stream.info.lastEventId;
  }

  /** `pending` until the response head is committed, `closed` from the moment that nothing more can be pushed. */
  get state(): SseStreamState {
    return this.#stream.state;
  }

  /** Aborted however the stream ends; its `reason` is `{ reason: SseCloseReason }`. Hand it to whatever you wait for. */
  get signal(): AbortSignal {
    if (!this.#abort) {
      const abort = new AbortController();
      this.#abort = abort;
      this.#stream.onceClosed(() => {
        const closed: SseStreamClosed = Object.freeze({ reason: this.#stream.closeReason as SseCloseReason });
        abort.abort(closed);
      });
    }
    return this.#abort.signal;
  }

  /** Commits status 200 and the headers now, instead of with the first message. */
  open(): void {
    this.#stream.open();
  }

  /**
   * Sends a message, opening the stream if it is pending. Pushes of one turn of the event loop leave as one write.
   *
   * @returns `true` when the peer can take more, which for a slow one is when it has read enough; `false` when the
   * stream is closed and nothing was sent, or closes before the peer has read enough
   * @throws SseInvalidMessageError (as a rejection) for a message that cannot be sent; nothing of it is, and the stream
   * lives on
   * @throws SseOverflowError (as a rejection) for a message over `maxBufferedBytes`, and for one that would make more than
   * that wait for a peer that does not keep up; whoever awaits each push sees only the former
   *
   * A rejection that nobody awaits is logged; it never becomes an unhandled one.
   */
  push(message: SseMessageOf<M> | string): Promise<boolean> {
    if (this.#stream.state === 'closed') {
      return Promise.resolve(false);
    }
    try {
      const frame = formatMessage(message as SseMessage | string, this.#stream.settings.serialize);
      return Promise.resolve(this.#stream.send(frame));
    } catch (error) {
      return this.#guard(Promise.reject(error));
    }
  }

  /** Sends a comment, which clients skip. Resolves and rejects like {@link push}. */
  comment(text: string): Promise<boolean> {
    return this.push({ comment: text } as SseMessageOf<M>);
  }

  /**
   * Sends everything that a source yields, at the pace of the peer (an Observable cannot be slowed: when more than
   * `maxBufferedBytes` wait, the stream ends as `stalled`). What it yields that is no message is reported and skipped.
   *
   * @param options `end: true` closes the stream when the source ends or fails
   * @returns resolves when the source has ended or the stream has closed
   * @throws SseSourceError (as a rejection) for what is no source; else whatever the source fails with. With
   * `end: true` a failure goes to `onError` instead.
   */
  pipe(source: SseSource, options: { end?: boolean } = {}): Promise<void> {
    return this.#guard(this.#pipe(source, options.end === true));
  }

  /** Ends the stream in good order. Idempotent; resolves when the response is finished, or the peer has gone. */
  close(): Promise<void> {
    this.#stream.end('ended');
    return this.#stream.gone();
  }

  async #pipe(source: SseSource, end: boolean): Promise<void> {
    const runnable = toRunnableSource(source);
    try {
      await pipeSource(runnable, this.#stream, this.#failures);
    } catch (error) {
      if (!end) {
        throw error;
      }
      await this.#failures.endFailed(this.#stream, error);
    }
    if (end) {
      this.#stream.end('ended');
    }
  }

  #guard<T>(promise: Promise<T>): Promise<T> {
    return guardRejection(promise, (unseen) => this.#failures.logUnseen(unseen, this.#stream.info));
  }
}
