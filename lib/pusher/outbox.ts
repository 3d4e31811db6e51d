import { BodyPart } from './body-part.js';

/** No write is larger than this, unless a single frame is. */
export const WRITE_BYTES = 64 * 1024;

/** Frames that wait to be written, joined as they come into batches of at most {@link WRITE_BYTES}. */
export class Outbox {
  #full: BodyPart[] = [];
  #open = '';
  #openBytes = 0;
  #bytes = 0;

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  add(frame: string, bytes: number): void {
    if (this.#openBytes > 0 && this.#openBytes + bytes > WRITE_BYTES) {
      this.#full.push(this.#takeOpen());
    }
    this.#open += frame;
    this.#openBytes += bytes;
    this.#bytes += bytes;
  }

  /** Takes out the oldest batch; there must be something. */
  take(): BodyPart {
    const batch = this.#full.shift() ?? this.#takeOpen();
    this.#bytes -= batch.bytes.length;
    return batch;
  }

  #takeOpen(): BodyPart {
    const batch = new BodyPart(this.#open, this.#openBytes);
    this.#open = '';
    this.#openBytes = 0;
    return batch;
  }
}
