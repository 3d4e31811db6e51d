import { CR, LF } from './bytes.js';
import type { Utf8Decoder } from './utf8-decoder.js';

/**
 * Whole lines of a stream that are not all ASCII. Lines are found by the positions of their bytes; UTF-8 is decoded for all
 * of them in one go, and each is then found in that text by its line end.
 */
export class LineText {
  private readonly utf8: string;
  private start = 0;
  private utf8Start = 0;
  private utf8End = -1;

  constructor(
    private readonly bytes: Buffer,
    /** Where position 0 is in the bytes. */
    private readonly base: number,
    end: number,
    decoder: Utf8Decoder,
  ) {
    this.utf8 = decoder.decode(bytes.subarray(base, end));
  }

  /** Goes on to the next line. Must be called for every one, in order. */
  enter(start: number, end: number): void {
    const afterLf = this.utf8End + 1;
    const afterCrLf = start > 1 && this.bytes[this.base + start - 2] === CR && this.bytes[this.base + start - 1] === LF;
    this.start = start;
    this.utf8Start = afterCrLf ? afterLf + 1 : afterLf;
    this.utf8End = this.utf8.indexOf(this.bytes[this.base + end] === CR ? '\r' : '\n', this.utf8Start);
  }

  /** The text from `from` to where the line ends that was entered last. It may be a slice of the text of all lines. */
  value(from: number): string {
    // What stands before a value, a field's name, is ASCII.
    return this.utf8.slice(this.utf8Start + from - this.start, this.utf8End);
  }
}
