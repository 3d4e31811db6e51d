import type { BodyPart } from './body-part.js';
import type { SseCloseReason } from './close-reason.js';
import { farewellFrame } from './farewell.js';
import { FrameWriter } from './frame-writer.js';
import type { HttpExchange } from './http-exchange.js';
import type { ManagedStream } from './managed-stream.js';
import { OnceListeners } from './once-listeners.js';
import { openingFrame, openingHeaders } from './opening.js';
import { assertFits } from './overflow.error.js';
import { claimsLastEventId } from './read-last-event-id.js';
import { ResponseSink, type SinkOwner } from './response-sink.js';
import type { SharedStream, StreamTenant } from './shared-stream.js';
import { StreamLife } from './stream-life.js';
import type { SseStreamInfo } from './stream-options.js';
import type { StreamServices } from './stream-services.js';
import type { StreamSettings } from './stream-settings.js';
import { StreamTiming } from './stream-timing.js';
import type { StreamVitals } from './stream-vitals.js';
import { lookAfter, type Watched } from './stream-watch.js';
import { Tenancy } from './tenancy.js';

/**
 * One response that streams events: the engine under the pusher. It commits the head late, joins the frames of a turn
 * into one write, holds back when the peer is full, pings when silent, and has one way to end, whoever asks for it.
 */
export class EventStream extends StreamLife implements ManagedStream, SharedStream, Watched, SinkOwner {
  readonly #sink: ResponseSink;
  readonly #writer: FrameWriter;
  #flushAsked = false;
  #timing: StreamTiming | undefined;
  #ending = false;
  #hasNoContent = false;
  readonly #tenancy = new Tenancy();
  #drained: OnceListeners<boolean> | undefined;

  constructor(
    readonly exchange: HttpExchange,
    readonly info: SseStreamInfo,
    readonly settings: StreamSettings,
    readonly services: StreamServices,
  ) {
    super();
    this.#sink = new ResponseSink(exchange, this, services.traffic);
    this.#writer = new FrameWriter(this.#sink);
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
    const headers = openingHeaders(this.exchange, settings);
    if (!this.#attempt(() => this.#sink.open(200, headers, settings.directWrites))) {
      return;
    }
    this.#writer.add(openingFrame(settings, services.random()));
    this.#timing = new StreamTiming(settings, performance.now(), services.random());
    services.clock.watch(this, this.#timing.periodMs);
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
    // Whoever has waited for each push is never refused: a peer that is not full takes a message of any allowed size.
    assertFits(bytes, this.full ? this.#ownBufferedBytes : 0, this.settings.maxBufferedBytes);
    this.open();
    if (this.closeReason !== undefined) {
      return false;
    }
    this.#writer.add(frame, bytes);
    this.services.traffic.messages++;
    const filled = this.#writer.hasWriteFull;
    if (filled) {
      this.#write(false);
    }
    this.#askForFlush();
    if (this.closeReason !== undefined) {
      // The response turned out to be broken when it was written to.
      return false;
    }
    return this.#sink.full || filled ? this.#whenDrained() : true;
  }

  /** Whether the peer has enough to read for now. */
  get full(): boolean {
    return this.state === 'open' && this.#writer.full;
  }

  /** Bytes that wait for the peer, here and in the response. */
  get bufferedBytes(): number {
    return this.state === 'pending' ? 0 : this.#writer.pendingBytes;
  }

  vitals(): StreamVitals {
    const timing = this.#timing;
    return {
      openedAt: timing?.openedAt,
      lastWriteAt: timing && Math.max(timing.lastWriteAt, this.sharedWriteAt),
      bufferedBytes: this.bufferedBytes,
      sentBytes: this.#sink.sentBytes,
      standing: this.#tenancy.standing,
    };
  }

  /** What a tenant has written is not counted against those who push beside it. */
  get #ownBufferedBytes(): number {
    return this.#tenancy.isLet ? this.#writer.waitingBytes : this.bufferedBytes;
  }

  get resumeFrom(): string | null | undefined {
    if (this.#tenancy.isRenewed) {
      return undefined;
    }
    return this.info.lastEventId ?? (claimsLastEventId(this.exchange.request) ? null : undefined);
  }

  letTo(tenant: StreamTenant): boolean {
    return this.#tenancy.letTo(tenant);
  }

  vacate(tenant: StreamTenant): void {
    this.#tenancy.vacate(tenant);
  }

  writeShared(part: BodyPart, now: number): void {
    if (!this.#writer.isEmpty) {
      this.flush();
    }
    if (this.state !== 'open') {
      return;
    }
    try {
      this.#writer.writeShared(part, now);
    } catch (error) {
      this.#fail(error);
    }
  }

  answerNoContentAtEnd(): void {
    this.#hasNoContent = true;
  }

  /** Writes what waits, as far as the peer takes it. */
  flush(): void {
    this.#flushAsked = false;
    if (this.isGone) {
      return;
    }
    if (!this.#write(true) || !this.#writer.isEmpty) {
      return;
    }
    if (this.#ending) {
      this.#ending = false;
      this.#attempt(() => this.#sink.end());
    } else if (!this.#sink.full) {
      this.#drained?.fire(true);
      this.#tenancy.onWritable();
    }
  }

  /**
   * Ends the stream in good order: what waits is written, then the last frames, then the response finishes. A peer that
   * does not take them is cut off after `writeTimeoutMs`.
   *
   * @param lastFrames put before the closing message
   */
  end(reason: SseCloseReason, lastFrames: readonly string[] = []): void {
    if (this.#hasNoContent && reason === 'ended' && this.state === 'pending' && !this.exchange.answered) {
      this.exchange.answer(204);
      this.abandon('ended');
    }
    this.open();
    if (this.state === 'closed') {
      return;
    }
    const farewell = farewellFrame(reason, this.settings);
    for (const frame of farewell === undefined ? lastFrames : [...lastFrames, farewell]) {
      this.#writer.add(frame);
    }
    this.#ending = true;
    this.#close(reason);
    this.flush();
  }

  /** Cuts the peer off. What waits is lost. */
  destroy(reason: SseCloseReason): void {
    this.#close(reason);
    if (!this.isGone) {
      this.#writer.clear();
      this.#sink.destroy();
    }
  }

  /** Leaves a response that nothing was committed to: somebody else answers it, or has answered it. */
  abandon(reason: SseCloseReason = 'error'): void {
    this.#sink.detach();
    this.#close(reason);
    this.onGone(false);
  }

  turnAway(why: string): boolean {
    this.services.turnAway(this, why);
    return true;
  }

  /** Lets the connection go too, once the stream is gone. */
  closeConnection(): void {
    this.#sink.closeConnection();
  }

  tick(now: number): void {
    if (this.#timing) {
      lookAfter(this, this.#sink, this.#timing, now);
    }
  }

  get sharedWriteAt(): number {
    return this.#tenancy.lastWriteAt;
  }

  ping(): void {
    if (!this.#writer.isEmpty) {
      // Before the ping is asked for: this may have the tenant write, and the ping says where it stands.
      this.flush();
    }
    if (this.state === 'open') {
      const now = performance.now();
      this.services.traffic.pings++;
      this.writeShared(this.services.pings.of(this.#tenancy.pingFrame(this.settings.pingFrame)), now);
      this.#timing?.wrote(now);
    }
  }

  /** Not at once: a peer that reads as fast as it is written to would leave no turn of the loop to anybody else. */
  onDrain(): void {
    this.#askForFlush();
  }

  onGone(finished: boolean): void {
    this.#writer.clear();
    this.services.clock.unwatch(this, this.#timing?.periodMs);
    // A response that was finished by somebody else, an exception filter for instance, was not left by the client.
    this.#close(finished ? 'error' : 'client');
    this.services.observer.gone(this);
    this.becomeGone();
  }

  /** @param turnEnds whether to write what makes no whole write, too */
  #write(turnEnds: boolean): boolean {
    let wrote = false;
    const works = this.#attempt(() => {
      if (turnEnds && this.state === 'open') {
        this.#sink.flushHeaders();
      }
      wrote = this.#writer.flush(turnEnds);
    });
    if (wrote) {
      this.#timing?.wrote(performance.now());
    }
    return works;
  }

  #close(reason: SseCloseReason): void {
    const was = this.state;
    if (was === 'closed') {
      return;
    }
    this.#drained?.fire(false);
    this.becomeClosed(reason);
    this.#tenancy.onClosed();
    if (was === 'open') {
      this.services.observer.closed(this, reason);
    }
  }

  #whenDrained(): Promise<boolean> {
    const drained = this.#drained ?? new OnceListeners();
    this.#drained = drained;
    return new Promise((resolve) => drained.add(resolve));
  }

  /** Middleware may have replaced parts of the response; what they throw must not hurt other streams, nor the process. */
  #attempt(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #fail(error: unknown): void {
    this.services.observer.writeFailed(this, error);
    this.destroy('error');
  }

  #askForFlush(): void {
    if (!this.#flushAsked) {
      this.#flushAsked = true;
      this.services.turn.flushAtEnd(this);
    }
  }
}
