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
      this.#full.push(new BodyPart(this.#open, this.#openBytes));
      this.#open = '';
      this.#openBytes = 0;
    }
    this.#open += frame;
    this.#openBytes += bytes;
    this.#bytes += bytes;
  }

  /** Takes out the oldest batch. */
  take(): BodyPart | undefined {
    if (this.#bytes === 0) {
      return undefined;
    }
    let batch = this.#full.shift();
    if (!batch) {
      batch = new BodyPart(this.#open, this.#openBytes);
      this.#open = '';
      this.#openBytes = 0;
    }
    this.#bytes -= batch.bytes.length;
    return batch;
  }

  clear(): void {
    this.#full = [];
    this.#open = '';
    this.#openBytes = 0;
    this.#bytes = 0;
  }
}
