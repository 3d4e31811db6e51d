import { EVENT_STREAM_HEADERS, formatMessage, type SseMessage } from '../protocol/index.js';
import type { SseCloseReason } from './close-reason.js';
import type { HttpExchange } from './http-exchange.js';
import type { LoopTurn } from './loop-turn.js';
import { Outbox, WRITE_BYTES } from './outbox.js';
import { SseOverflowError } from './overflow.error.js';
import { ResponseSink, type SinkOwner } from './response-sink.js';
import type { StreamClock, Timed } from './stream-clock.js';
import type { SseStreamInfo } from './stream-options.js';
import type { StreamSettings } from './stream-settings.js';
import { terminalFrame } from './terminal-id.js';

export type SseStreamState = 'pending' | 'open' | 'closed';

/** What all streams of a module share. */
export interface StreamServices {
  readonly clock: StreamClock;
  readonly turn: LoopTurn;
  /** From 0 up to 1, for spreading what many clients would else do at once. */
  readonly random: () => number;
  readonly observer: StreamObserver;
}

/** Told of each step in the life of every stream. */
export interface StreamObserver {
  created(stream: EventStream): void;
  opened(stream: EventStream): void;
  /** Nothing more can be sent. Only for streams that had opened. */
  closed(stream: EventStream, reason: SseCloseReason): void;
  /** The response is over. */
  gone(stream: EventStream): void;
}

/**
 * One response that streams events: the engine under the pusher. It commits the head late, joins the frames of a turn
 * into one write, holds back when the peer is full, pings when silent, and has one way to end, whoever asks for it.
 */
export class EventStream implements Timed, SinkOwner {
  readonly #sink: ResponseSink;
  readonly #outbox = new Outbox();
  #state: SseStreamState = 'pending';
  #reason: SseCloseReason | undefined;
  #flushAsked = false;
  #lastWriteAt = 0;
  #diesAt = Number.POSITIVE_INFINITY;
  #ending = false;
  #isGone = false;
  #unwatch: (() => void) | undefined;
  #drainWaiters: ((canTakeMore: boolean) => void)[] = [];
  #openListeners: (() => void)[] = [];
  readonly #closeListeners = new Set<() => void>();
  #goneListeners: (() => void)[] = [];

  constructor(
    readonly exchange: HttpExchange,
    readonly info: SseStreamInfo,
    readonly settings: StreamSettings,
    readonly services: StreamServices,
  ) {
    this.#sink = new ResponseSink(exchange, this);
    services.observer.created(this);
    if (exchange.gone) {
      this.#sink.detach();
      this.onGone(false);
    }
  }

  get state(): SseStreamState {
    return this.#state;
  }

  /** Why it is closed, once it is. */
  get closeReason(): SseCloseReason | undefined {
    return this.#reason;
  }

  /** Whether the response was finished, or its peer has left. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Commits status 200 and the head, unless that has happened, or the response was answered by somebody else. */
  open(): void {
    if (this.#state !== 'pending') {
      return;
    }
    if (this.exchange.answered) {
      this.abandon();
      return;
    }
    const { headers, retryMs, pingMs, writeTimeoutMs, maxAgeMs } = this.settings;
    this.#state = 'open';
    const keepAlive = this.exchange.connectionHeader('keep-alive');
    this.#sink.open(200, { ...EVENT_STREAM_HEADERS, ...keepAlive, ...headers });
    if (retryMs !== false) {
      this.#enqueue(formatMessage({ retry: this.#spreadUpwards(retryMs) }));
    }
    this.#lastWriteAt = performance.now();
    if (maxAgeMs > 0) {
      this.#diesAt = this.#lastWriteAt + maxAgeMs * (0.8 + 0.4 * this.services.random());
    }
    const periods = [pingMs, writeTimeoutMs, maxAgeMs].filter((period) => period > 0);
    if (periods.length > 0) {
      this.#unwatch = this.services.clock.watch(this, Math.min(...periods));
    }
    this.#askForFlush();
    this.services.observer.opened(this);
    callAll(this.#openListeners.splice(0));
  }

  /**
   * Sends a frame that was formatted before, opening the stream if need be.
   *
   * @returns whether the peer can take more: at once if it can, else when it has read; `false` if the stream is closed
   * @throws SseOverflowError when more than `maxBufferedBytes` would wait
   */
  send(frame: string): boolean | Promise<boolean> {
    if (this.#state === 'closed') {
      return false;
    }
    const bytes = Buffer.byteLength(frame);
    const buffered = this.bufferedBytes;
    if (buffered + bytes > this.settings.maxBufferedBytes) {
      throw new SseOverflowError(bytes, buffered, this.settings.maxBufferedBytes);
    }
    this.open();
    if (this.state === 'closed') {
      return false;
    }
    this.#enqueue(frame, bytes);
    if (this.#outbox.bytes >= WRITE_BYTES) {
      this.flush();
    } else {
      this.#askForFlush();
    }
    return this.#sink.full ? new Promise((resolve) => this.#drainWaiters.push(resolve)) : true;
  }

  /** Bytes that wait for the peer, here and in the response. */
  get bufferedBytes(): number {
    return this.#state === 'pending' ? 0 : this.#outbox.bytes + this.#sink.pendingBytes;
  }

  /** Writes what waits, as far as the peer takes it. */
  flush(): void {
    this.#flushAsked = false;
    if (this.#isGone) {
      return;
    }
    let wrote = false;
    while (!this.#sink.full) {
      const batch = this.#outbox.take();
      if (!batch) {
        break;
      }
      this.#sink.write(batch);
      wrote = true;
    }
    if (wrote) {
      this.#lastWriteAt = performance.now();
    } else if (this.#state === 'open' && !this.#sink.full) {
      this.#sink.flushHeaders();
    }
    if (this.#outbox.bytes > 0) {
      return;
    }
    if (this.#ending) {
      this.#ending = false;
      this.#sink.end();
    } else if (!this.#sink.full) {
      this.#wakeWaiters(true);
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
    if (this.#state === 'closed') {
      return;
    }
    for (const frame of lastFrames) {
      this.#enqueue(frame);
    }
    this.#enqueueFarewell(reason);
    this.#ending = true;
    this.#close(reason);
    this.flush();
  }

  /** Cuts the peer off. What waits is lost. */
  destroy(reason: SseCloseReason): void {
    this.#close(reason);
    if (!this.#isGone) {
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

  /** Runs once when the stream has opened; never if it is closed before. */
  onceOpen(listener: () => void): void {
    if (this.#state === 'open') {
      listener();
    } else {
      this.#openListeners.push(listener);
    }
  }

  /**
   * Runs once when the stream closes, at once if it is closed.
   *
   * @returns takes the listener off again
   */
  onceClosed(listener: () => void): () => void {
    if (this.#state === 'closed') {
      listener();
      return () => {};
    }
    this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  /** Resolves when the response is finished or cut. */
  gone(): Promise<void> {
    return this.#isGone ? Promise.resolve() : new Promise((resolve) => this.#goneListeners.push(resolve));
  }

  /** Lets the connection go too, once the stream is gone. */
  closeConnection(): void {
    this.#sink.closeConnection();
  }

  tick(now: number): void {
    const { pingMs, writeTimeoutMs } = this.settings;
    if (writeTimeoutMs > 0 && this.#sink.stalledMs(now) >= this.#patienceMs(writeTimeoutMs)) {
      this.destroy('stalled');
    } else if (this.#state === 'open' && now >= this.#diesAt) {
      this.end('max-age');
    } else if (this.#state === 'open' && pingMs > 0 && now - this.#lastWriteAt >= pingMs && !this.#sink.full) {
      this.#enqueue(this.settings.pingFrame);
      this.flush();
    }
  }

  onDrain(): void {
    this.flush();
  }

  onGone(finished: boolean): void {
    this.#isGone = true;
    this.#outbox.clear();
    this.#unwatch?.();
    // A response that was finished by somebody else, an exception filter for instance, was not left by the client.
    this.#close(finished ? 'error' : 'client');
    this.services.observer.gone(this);
    callAll(this.#goneListeners.splice(0));
  }

  #close(reason: SseCloseReason): void {
    if (this.#state === 'closed') {
      return;
    }
    const wasOpen = this.#state === 'open';
    this.#state = 'closed';
    this.#reason = reason;
    this.#openListeners = [];
    this.#wakeWaiters(false);
    const listeners = [...this.#closeListeners];
    this.#closeListeners.clear();
    callAll(listeners);
    if (wasOpen) {
      this.services.observer.closed(this, reason);
    }
  }

  #enqueueFarewell(reason: SseCloseReason): void {
    const { closeMessage, onEnd } = this.settings;
    if (reason === 'ended' && onEnd === 'stop') {
      this.#enqueue(terminalFrame(closeMessage));
    } else if (reason !== 'error' && closeMessage !== undefined) {
      this.#enqueue(formatMessage(closeMessage as SseMessage));
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

  #wakeWaiters(canTakeMore: boolean): void {
    for (const wake of this.#drainWaiters.splice(0)) {
      wake(canTakeMore);
    }
  }

  /** A write that is larger than the usual ones may take longer. */
  #patienceMs(writeTimeoutMs: number): number {
    return writeTimeoutMs * Math.max(1, this.#sink.pendingBytes / (2 * WRITE_BYTES));
  }

  #spreadUpwards(ms: number): number {
    return Math.floor(ms * (1 + this.services.random() / 2));
  }
}

function callAll(listeners: readonly (() => void)[]): void {
  for (const listener of listeners) {
    listener();
  }
}
