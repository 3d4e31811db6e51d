/** Gets the lines of a text, each without its line end. */
export interface LineSink {
  /** Set to make the scanner stop. */
  readonly stopped: boolean;
  line(start: number, end: number): void;
  blankLine(): void;
}

/**
 * Walks over whole lines, in a text with one character for each byte. WHATWG HTML, section 9.2.5: LF, CR and CRLF end a line,
 * nothing else does. Each CR and each LF is searched for once: to search again for one that is far away would take quadratic
 * time.
 */
export function scanLines(latin1: string, sink: LineSink): void {
  let cr = indexOrEnd(latin1, '\r', 0);
  let lf = indexOrEnd(latin1, '\n', 0);
  for (let start = 0; start < latin1.length && !sink.stopped; ) {
    const end = Math.min(cr, lf);
    if (end === start) sink.blankLine();
    else sink.line(start, end);
    start = end + 1;
    if (end === cr) {
      if (lf === start) start++;
      cr = indexOrEnd(latin1, '\r', start);
    }
    if (lf < start) lf = indexOrEnd(latin1, '\n', start);
  }
}

function indexOrEnd(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from);
  return at === -1 ? text.length : at;
}
