const SMALLEST = 256;

/** A buffer that grew beyond this is given back once it is empty, so that one big message does not cost for ever. */
const WORTH_KEEPING = 64 * 1024;

const NOTHING = Buffer.alloc(0);

/** Bytes that wait for the rest of what they belong to. It doubles when full, so that appending costs linear time. */
export class CarryBuffer {
  length = 0;
  #bytes = NOTHING;

  /** What was appended, at the start of a buffer that may be longer. It is overwritten after {@link clear}. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  append(source: Buffer, start: number, end: number): void {
    this.#reserve(end - start);
    source.copy(this.#bytes, this.length, start, end);
    this.length += end - start;
  }

  appendText(text: string): void {
    const size = Buffer.byteLength(text, 'utf8');
    this.#reserve(size);
    this.#bytes.write(text, this.length, size, 'utf8');
    this.length += size;
  }

  clear(): void {
    this.length = 0;
    if (this.#bytes.length > WORTH_KEEPING) this.#bytes = NOTHING;
  }

  #reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2, SMALLEST));
    this.#bytes.copy(grown, 0, 0, this.length);
    this.#bytes = grown;
  }
}
