import { isData, isEvent, isId, separator } from './field-name.js';

/** So many bytes of a line tell its field: the longest name that matters, and the colon behind it. */
export const TELLING_BYTES = 'event:'.length;

/** Which part of a message the line at `at` is, if any: comments, `retry` and unknown fields are none. */
export function messageFieldOf(bytes: Buffer, at: number): 'data' | 'event' | 'id' | undefined {
  const first = String.fromCharCode(bytes[at] as number);
  if (first === 'd' && isData(bytes, at) && separator(bytes, at + 4) !== -1) return 'data';
  if (first === 'e' && isEvent(bytes, at) && separator(bytes, at + 5) !== -1) return 'event';
  if (first === 'i' && isId(bytes, at) && separator(bytes, at + 2) !== -1) return 'id';
  return undefined;
}
