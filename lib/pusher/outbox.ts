/** No write is larger than this, unless a single frame is. */
export const WRITE_BYTES = 64 * 1024;

/** Frames that wait to be written, joined as they come into batches of at most {@link WRITE_BYTES}. */
export class Outbox {
  #full: string[] = [];
  #open = '';
  #openBytes = 0;
  #bytes = 0;

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  add(frame: string, bytes: number): void {
    if (this.#openBytes > 0 && this.#openBytes + bytes > WRITE_BYTES) {
      this.#full.push(this.#open);
      this.#open = '';
      this.#openBytes = 0;
    }
    this.#open += frame;
    this.#openBytes += bytes;
    this.#bytes += bytes;
  }

  /** Takes out the oldest batch. */
  take(): Buffer | undefined {
    if (this.#bytes === 0) {
      return undefined;
    }
    let text = this.#full.shift();
    if (text === undefined) {
      text = this.#open;
      this.#open = '';
      this.#openBytes = 0;
    }
    const batch = Buffer.from(text);
    this.#bytes -= batch.length;
    return batch;
  }

  clear(): void {
    this.#full = [];
    this.#open = '';
    this.#openBytes = 0;
    this.#bytes = 0;
  }
}
