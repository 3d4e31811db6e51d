import { EVENT_STREAM_HEADERS, formatMessage } from '../protocol/index.js';
import { MAX_TIMER_MS } from '../protocol/internal.js';
import type { SseCloseReason } from './close-reason.js';
import { farewellFrame } from './farewell.js';
import type { HttpExchange } from './http-exchange.js';
import type { ManagedStream } from './managed-stream.js';
import { OnceListeners } from './once-listeners.js';
import { Outbox, WRITE_BYTES } from './outbox.js';
import { SseOverflowError } from './overflow.error.js';
import { ResponseSink, type SinkOwner } from './response-sink.js';
import type { Timed } from './stream-clock.js';
import { StreamLife } from './stream-life.js';
import type { SseStreamInfo } from './stream-options.js';
import type { StreamServices } from './stream-services.js';
import type { StreamSettings } from './stream-settings.js';
import { StreamTiming } from './stream-timing.js';

/**
 * One response that streams events: the engine under the pusher. It commits the head late, joins the frames of a turn
 * into one write, holds back when the peer is full, pings when silent, and has one way to end, whoever asks for it.
 */
export class EventStream extends StreamLife implements ManagedStream, Timed, SinkOwner {
  readonly #sink: ResponseSink;
  readonly #outbox = new Outbox();
  #flushAsked = false;
  #timing: StreamTiming | undefined;
  #ending = false;
  #unwatch: (() => void) | undefined;
  readonly #drained = new OnceListeners<boolean>();

  constructor(
    readonly exchange: HttpExchange,
    readonly info: SseStreamInfo,
    readonly settings: StreamSettings,
    readonly services: StreamServices,
  ) {
    super();
    this.#sink = new ResponseSink(exchange, this);
    services.observer.created(this);
    if (exchange.gone) {
      this.#sink.detach();
      this.onGone(false);
    }
  }

  /** Commits status 200 and the head, unless that has happened, or the response was answered by somebody else. */
  open(): void {
    if (this.state !== 'pending') {
      return;
    }
    if (this.exchange.answered) {
      this.abandon();
      return;
    }
    const { settings, services } = this;
    const keepAlive = this.exchange.connectionHeader('keep-alive');
    const headers = { ...EVENT_STREAM_HEADERS, ...keepAlive, ...settings.headers };
    if (!this.#attempt(() => this.#sink.open(200, headers))) {
      return;
    }
    if (settings.retryMs !== false) {
      const retry = Math.floor(settings.retryMs * (1 + services.random() / 2));
      this.#enqueue(formatMessage({ retry: Math.min(retry, MAX_TIMER_MS) }));
    }
    this.#timing = new StreamTiming(settings, performance.now(), services.random());
    if (this.#timing.periodMs !== undefined) {
      this.#unwatch = services.clock.watch(this, this.#timing.periodMs);
    }
    this.#askForFlush();
    this.becomeOpen();
    services.observer.opened(this);
  }

  /**
   * Sends a frame that was formatted before, opening the stream if need be.
   *
   * @returns whether the peer can take more: at once if it can, else when it has read; `false` if the stream is closed.
   * Whoever fills a whole write waits for the next turn: a loop that is never told to wait would keep all others waiting.
   * @throws SseOverflowError for a message over `maxBufferedBytes`, and when more than that would wait for a full peer
   */
  send(frame: string): boolean | Promise<boolean> {
    if (this.state === 'closed') {
      return false;
    }
    const bytes = Buffer.byteLength(frame);
    const buffered = this.bufferedBytes;
    // Whoever has waited for each push is never refused: a peer that is not full takes a message of any allowed size.
    if (bytes > this.settings.maxBufferedBytes || (this.#isFull && buffered + bytes > this.settings.maxBufferedBytes)) {
      throw new SseOverflowError(bytes, buffered, this.settings.maxBufferedBytes);
    }
    this.open();
    if (this.closeReason !== undefined) {
      return false;
    }
    this.#enqueue(frame, bytes);
    const filled = this.#outbox.bytes >= WRITE_BYTES;
    if (filled) {
      this.flush();
    }
    this.#askForFlush();
    if (this.closeReason !== undefined) {
      // The response turned out to be broken when it was written to.
      return false;
    }
    return this.#sink.full || filled ? new Promise((resolve) => this.#drained.add(resolve)) : true;
  }

  get #isFull(): boolean {
    return this.state === 'open' && (this.#sink.full || this.#outbox.bytes >= WRITE_BYTES);
  }

  /** Bytes that wait for the peer, here and in the response. */
  get bufferedBytes(): number {
    return this.state === 'pending' ? 0 : this.#outbox.bytes + this.#sink.pendingBytes;
  }

  /** Writes what waits, as far as the peer takes it. */
  flush(): void {
    this.#flushAsked = false;
    if (this.isGone) {
      return;
    }
    let wrote = false;
    while (!this.#sink.full) {
      const batch = this.#outbox.take();
      if (!batch) {
        break;
      }
      if (!this.#attempt(() => this.#sink.write(batch))) {
        return;
      }
      wrote = true;
    }
    if (wrote) {
      this.#timing?.wrote(performance.now());
    } else if (this.state === 'open' && !this.#sink.full && !this.#attempt(() => this.#sink.flushHeaders())) {
      return;
    }
    if (this.#outbox.bytes > 0) {
      return;
    }
    if (this.#ending) {
      this.#ending = false;
      this.#attempt(() => this.#sink.end());
    } else if (!this.#sink.full) {
      this.#drained.fire(true);
    }
  }

  /**
   * Ends the stream in good order: what waits is written, then the last frames, then the response finishes. A peer that
   * does not take them is cut off after `writeTimeoutMs`.
   *
   * @param lastFrames put before the closing message
   */
  end(reason: SseCloseReason, lastFrames: readonly string[] = []): void {
    this.open();
    if (this.state === 'closed') {
      return;
    }
    const farewell = farewellFrame(reason, this.settings);
    for (const frame of farewell === undefined ? lastFrames : [...lastFrames, farewell]) {
      this.#enqueue(frame);
    }
    this.#ending = true;
    this.#close(reason);
    this.flush();
  }

  /** Cuts the peer off. What waits is lost. */
  destroy(reason: SseCloseReason): void {
    this.#close(reason);
    if (!this.isGone) {
      this.#outbox.clear();
      this.#sink.destroy();
    }
  }

  /** Leaves a response that nothing was committed to: somebody else answers it, or has answered it. */
  abandon(reason: SseCloseReason = 'error'): void {
    this.#sink.detach();
    this.#close(reason);
    this.onGone(false);
  }

  /** Lets the connection go too, once the stream is gone. */
  closeConnection(): void {
    this.#sink.closeConnection();
  }

  tick(now: number): void {
    const due = this.#timing?.due(now, this.#sink.stalledMs(now), this.#sink.pendingBytes);
    if (due === 'stalled') {
      this.destroy('stalled');
    } else if (due === 'max-age') {
      this.end('max-age');
    } else if (due === 'ping' && this.state === 'open' && !this.#sink.full) {
      this.#enqueue(this.settings.pingFrame);
      this.flush();
    }
  }

  /** Not at once: a peer that reads as fast as it is written to would leave no turn of the loop to anybody else. */
  onDrain(): void {
    this.#askForFlush();
  }

  onGone(finished: boolean): void {
    this.#outbox.clear();
    this.#unwatch?.();
    // A response that was finished by somebody else, an exception filter for instance, was not left by the client.
    this.#close(finished ? 'error' : 'client');
    this.services.observer.gone(this);
    this.becomeGone();
  }

  #close(reason: SseCloseReason): void {
    const was = this.state;
    if (was === 'closed') {
      return;
    }
    this.#drained.fire(false);
    this.becomeClosed(reason);
    if (was === 'open') {
      this.services.observer.closed(this, reason);
    }
  }

  /** Middleware may have replaced parts of the response; what they throw must not hurt other streams, nor the process. */
  #attempt(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.services.observer.writeFailed(this, error);
      this.destroy('error');
      return false;
    }
  }

  #enqueue(frame: string, bytes = Buffer.byteLength(frame)): void {
    this.#outbox.add(frame, bytes);
  }

  #askForFlush(): void {
    if (!this.#flushAsked) {
      this.#flushAsked = true;
      this.services.turn.flushAtEnd(this);
    }
  }
}
