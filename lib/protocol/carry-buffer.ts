import { NO_BYTES } from './bytes.js';

const SMALLEST = 256;

/** A buffer that grew beyond this is given back once it is empty, so that one big message does not cost for ever. */
const WORTH_KEEPING = 128 * 1024;

/**
 * Bytes that wait for the rest of what they belong to. It doubles when full, and makes room at its end only when half of it
 * can be had, so that appending costs linear time.
 */
export class CarryBuffer {
  /** Where what is carried starts and ends in {@link bytes}. */
  start = 0;
  end = 0;
  private buffer: Buffer = NO_BYTES;

  /** What was appended, from {@link start} to {@link end}. It is overwritten after {@link clear}. */
  get bytes(): Buffer {
    return this.buffer;
  }

  get length(): number {
    return this.end - this.start;
  }

  append(source: Buffer, start: number, end: number): void {
    const size = end - start;
    this.reserve(size);
    // Of a part, copy() makes a view first, which costs more than the copying.
    if (size === source.length) this.buffer.set(source, this.end);
    else source.copy(this.buffer, this.end, start, end);
    this.end += size;
  }

  appendText(text: string): void {
    const size = Buffer.byteLength(text, 'utf8');
    this.reserve(size);
    this.buffer.write(text, this.end, size, 'utf8');
    this.end += size;
  }

  /** Drops what is carried before `start`. */
  dropBefore(start: number): void {
    if (start === this.end) {
      this.clear();
    } else if (this.buffer.length > WORTH_KEEPING) {
      const { buffer, end } = this;
      this.clear();
      this.append(buffer, start, end);
    } else {
      this.start = start;
    }
  }

  clear(): void {
    if (this.buffer.length > WORTH_KEEPING) this.buffer = NO_BYTES;
    this.start = 0;
    this.end = 0;
  }

  private reserve(more: number): void {
    if (this.end + more > this.buffer.length) this.makeRoom(this.length + more);
  }

  private makeRoom(needed: number): void {
    const { buffer, start, end } = this;
    const target = needed * 2 <= buffer.length ? buffer : Buffer.allocUnsafeSlow(this.sizeFor(needed));
    buffer.copy(target, 0, start, end);
    this.buffer = target;
    this.start = 0;
    this.end = end - start;
  }

  private sizeFor(needed: number): number {
    return Math.max(2 ** Math.ceil(Math.log2(needed)), this.buffer.length * 2, SMALLEST);
  }
}
