import { CR, LF } from './bytes.js';
import { Utf8Decoder } from './utf8-decoder.js';

/**
 * Whole lines of a stream. Positions are those of their bytes: they are found in a text with one character for each byte,
 * which costs next to nothing to make and to search. UTF-8 is decoded only where there is something to decode, for all
 * lines in one go; each of its lines is then found by its line end.
 */
export class LineText {
  /** One character for each byte. */
  readonly latin1: string;
  readonly isAscii: boolean;
  private nul: boolean | undefined;
  private readonly utf8: string;
  private start = 0;
  private utf8Start = 0;
  private utf8End = -1;

  constructor(
    readonly bytes: Buffer,
    /** Where position 0 is in the bytes. */
    readonly base: number,
    end: number,
    decoder: Utf8Decoder,
  ) {
    this.latin1 = bytes.toString('latin1', base, end);
    this.isAscii = Buffer.byteLength(this.latin1, 'utf8') === this.latin1.length;
    this.utf8 = this.isAscii ? this.latin1 : decoder.decode(bytes.subarray(base, end));
  }

  /** Whether a NUL is somewhere in it. */
  get hasNul(): boolean {
    this.nul ??= this.latin1.includes('\0');
    return this.nul;
  }

  /** Goes on to the next line. Must be called for every one, in order, unless the text is ASCII. */
  enter(start: number, end: number): void {
    const afterLf = this.utf8End + 1;
    const afterCrLf = start > 1 && this.bytes[this.base + start - 2] === CR && this.bytes[this.base + start - 1] === LF;
    this.start = start;
    this.utf8Start = afterCrLf ? afterLf + 1 : afterLf;
    this.utf8End = this.utf8.indexOf(this.bytes[this.base + end] === CR ? '\r' : '\n', this.utf8Start);
  }

  /** The text from `from` to `to`, where the line ends that was entered last. It may be a slice of the text of all lines. */
  value(from: number, to: number): string {
    if (this.isAscii) return this.latin1.slice(from, to);
    // What stands before a value, a field's name, is ASCII.
    return this.utf8.slice(this.utf8Start + from - this.start, this.utf8End);
  }
}

/** What is read between two chunks. */
export const NO_LINES = new LineText(Buffer.alloc(0), 0, 0, new Utf8Decoder());
