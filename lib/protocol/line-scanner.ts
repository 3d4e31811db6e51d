/** Gets the lines of a text, each without its line end. */
export interface LineSink {
  /** Set to make the scanner stop. */
  readonly stopped: boolean;
  line(start: number, end: number): void;
  blankLine(): void;
}

/**
 * Walks over a text that ends with a line end. WHATWG HTML, section 9.2.5: LF, CR and CRLF end a line, nothing else does.
 *
 * The next LF and the next CR are each searched for once and remembered: a text with one kind only is never searched again
 * for the other, which would take quadratic time.
 */
export function scanLines(text: string, sink: LineSink): void {
  let cr = indexOrEnd(text, '\r', 0);
  let lf = indexOrEnd(text, '\n', 0);
  let start = 0;
  while (start < text.length && !sink.stopped) {
    const end = Math.min(lf, cr);
    if (end === start) sink.blankLine();
    else sink.line(start, end);
    start = end + 1;
    if (end === cr) {
      if (lf === start) start++;
      cr = indexOrEnd(text, '\r', start);
    }
    if (lf < start) lf = indexOrEnd(text, '\n', start);
  }
}

function indexOrEnd(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from);
  return at === -1 ? text.length : at;
}
