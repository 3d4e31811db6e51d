import { isAscii } from 'node:buffer';

/** Strings shorter than this are never slices in V8: they hold nothing but themselves. */
const SHORTEST_SLICE = 13;

/**
 * Whole lines of a stream as text with one character for each byte, which costs next to nothing to make and to search. What
 * a line holds is decoded as UTF-8 only where there is something to decode. WHATWG HTML, section 9.2.6: always UTF-8.
 */
export class LineText {
  readonly text: string;
  readonly #isAscii: boolean;

  constructor(
    private readonly bytes: Buffer,
    private readonly start: number,
    end: number,
    private readonly detach: boolean,
  ) {
    this.text = bytes.toString('latin1', start, end);
    this.#isAscii = isAscii(bytes.subarray(start, end));
  }

  /** The text from `from` to `to`; may be a slice of the whole unless `detach` was asked for. */
  value(from: number, to: number): string {
    if (!this.#isAscii) return this.bytes.toString('utf8', this.start + from, this.start + to);
    if (this.detach && to - from >= SHORTEST_SLICE) {
      return this.bytes.toString('latin1', this.start + from, this.start + to);
    }
    return this.text.slice(from, to);
  }
}

/** A copy of `text` that keeps no longer text alive, which a slice does. */
export function detached(text: string): string {
  return text.length < SHORTEST_SLICE ? text : Buffer.from(text, 'utf8').toString('utf8');
}
