/** What ends a line in an event stream: CR LF, LF or CR, and nothing else. WHATWG HTML, section 9.2.5 (end-of-line). */
const LINE_BREAK = /\r\n|\n|\r/;

/** Whether the text would end a line of the stream. */
export function hasLineBreak(text: string): boolean {
  return text.includes('\n') || text.includes('\r');
}

/** `text` as lines of the field `name`, one for each of its own lines, each with its line end. */
export function toFieldLines(name: string, text: string): string {
  if (!hasLineBreak(text)) return toFieldLine(name, text);
  let lines = '';
  for (const line of text.split(LINE_BREAK)) lines += toFieldLine(name, line);
  return lines;
}

/** The space after the colon is what keeps a space at the value's start: decoders remove exactly one. */
export function toFieldLine(name: string, value: string): string {
  return value === '' ? `${name}:\n` : `${name}: ${value}\n`;
}
