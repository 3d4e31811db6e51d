import { COLON, CR, LF, SPACE } from './bytes.js';

/**
 * Where the value of the field `name` starts in the line at `start`, or -1 if the line is another field. Names are compared
 * exactly; a line may be the name alone; one U+0020 after the colon does not belong to the value. WHATWG HTML, 9.2.6.
 */
export function valueStart(text: string, name: string, start: number): number {
  if (!text.startsWith(name, start)) return -1;
  const after = start + name.length;
  const next = text.charCodeAt(after);
  if (next === COLON) return afterColon(text, after);
  return next === LF || next === CR ? after : -1;
}

/** Where the value starts that follows the colon at `colon`. */
export function afterColon(text: string, colon: number): number {
  return text.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1;
}
