import { CR, LF } from './bytes.js';
import type { Utf8Decoder } from './utf8-decoder.js';

/**
 * The text of whole lines that are not all ASCII. Lines are found by the positions of their bytes; UTF-8 is decoded for all of
 * them in one go, and each is then found in that text by its line end.
 */
export class LineText {
  private readonly text: string;
  /** Where the present line starts in the bytes, */
  private start = 0;
  /** and where it starts and ends in the text. */
  private textStart = 0;
  private textEnd = -1;

  constructor(lines: Buffer, decoder: Utf8Decoder) {
    this.text = decoder.decode(lines);
  }

  /** Goes on to the next line, which starts at `start`. Must be called for every one, in order, unless it is blank. */
  enter(start: number, lineEnd: '\n' | '\r'): void {
    this.start = start;
    this.textStart = this.next();
    this.textEnd = this.text.indexOf(lineEnd, this.textStart);
  }

  passBlankLine(): void {
    this.textEnd = this.next();
  }

  /** The text from `from` to where the line ends that was entered last. It may be a slice of the text of all lines. */
  value(from: number): string {
    // What stands before a value, a field's name, is ASCII.
    return this.text.slice(this.textStart + from - this.start, this.textEnd);
  }

  private next(): number {
    const at = this.textEnd + 1;
    return this.text.charCodeAt(at - 1) === CR && this.text.charCodeAt(at) === LF ? at + 1 : at;
  }
}
