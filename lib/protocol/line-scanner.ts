import { LF } from './bytes.js';
import type { LineText } from './line-text.js';

/** Gets the lines of a text, each without its line end. */
export interface LineSink {
  /** Set to make the scanner stop. */
  readonly stopped: boolean;
  plainLines(): void;
  line(start: number, end: number): void;
  blankLine(): void;
}

/** Walks over whole lines. WHATWG HTML, section 9.2.5: LF, CR and CRLF end a line, nothing else does. */
export function scanLines(lines: LineText, sink: LineSink, hasCr: boolean): void {
  if (hasCr) scanMixedLines(lines, sink);
  else if (lines.isAscii) sink.plainLines();
  else scanLfLines(lines, sink);
}

function scanLfLines(lines: LineText, sink: LineSink): void {
  const { latin1, bytes, base, isAscii } = lines;
  const { length } = latin1;
  let start = 0;
  while (start < length && !sink.stopped) {
    if (bytes[base + start] === LF) {
      if (!isAscii) lines.enter(start, start);
      sink.blankLine();
      start++;
      continue;
    }
    const end = latin1.indexOf('\n', start);
    if (!isAscii) lines.enter(start, end);
    sink.line(start, end);
    start = end + 1;
  }
}

/** Each CR and each LF is searched for once: to search again for one that is far away would take quadratic time. */
function scanMixedLines(lines: LineText, sink: LineSink): void {
  const { latin1, isAscii } = lines;
  let cr = indexOrEnd(latin1, '\r', 0);
  let lf = indexOrEnd(latin1, '\n', 0);
  for (let start = 0; start < latin1.length && !sink.stopped; ) {
    const end = Math.min(cr, lf);
    if (!isAscii) lines.enter(start, end);
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
