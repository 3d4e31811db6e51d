import type { BodyPart } from './body-part.js';
import { Outbox, WRITE_BYTES } from './outbox.js';
import type { ResponseSink } from './response-sink.js';

/** The writing side of a stream: frames that wait for the end of the turn, and what goes to the socket as it is. */
export class FrameWriter {
  readonly #sink: ResponseSink;
  /** Only while something waits: most streams have nothing to say most of the time. */
  #outbox: Outbox | undefined;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /** Whether the peer has enough to read for now. */
  get full(): boolean {
    return this.#sink.full || this.hasWriteFull;
  }

  /** Whether a whole write waits. */
  get hasWriteFull(): boolean {
    return this.waitingBytes >= WRITE_BYTES;
  }

  get isEmpty(): boolean {
    return this.#outbox === undefined;
  }

  /** Bytes that wait here. */
  get waitingBytes(): number {
    return this.#outbox?.bytes ?? 0;
  }

  /** Bytes that wait for the peer, here and in the response. */
  get pendingBytes(): number {
    return this.waitingBytes + this.#sink.pendingBytes;
  }

  add(frame: string, bytes = Buffer.byteLength(frame)): void {
    if (bytes > 0) {
      this.#outbox ??= new Outbox();
      this.#outbox.add(frame, bytes);
    }
  }

  /**
   * Writes what waits, as far as the peer takes it.
   *
   * @param turnEnds whether to write what makes no whole write, too
   * @returns whether there was anything to write
   */
  flush(turnEnds: boolean): boolean {
    let wrote = false;
    while (this.#outbox && !this.#sink.full && (turnEnds || this.hasWriteFull)) {
      const batch = this.#outbox.take();
      if (this.#outbox.bytes === 0) {
        this.#outbox = undefined;
      }
      this.#sink.write(batch);
      wrote = true;
    }
    return wrote;
  }

  /** Writes at once, full or not; behind what waits, if that cannot be written first. */
  writeShared(part: BodyPart, now: number): void {
    if (this.#outbox) {
      this.#outbox.add(part.bytes.toString(), part.bytes.length);
    } else {
      this.#sink.write(part, now);
    }
  }

  clear(): void {
    this.#outbox = undefined;
  }
}
