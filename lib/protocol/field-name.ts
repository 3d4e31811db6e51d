import { COLON, CR, LF, SPACE } from './bytes.js';

// Names are compared exactly, byte by byte, after their first letter: nothing else is as fast, and every line passes here.
// WHATWG HTML, section 9.2.6.

/** The first letters of the names that mean something. */
export const D = 0x64;
export const E = 0x65;
export const I = 0x69;
export const R = 0x72;

export function isData(bytes: Buffer, at: number): boolean {
  return bytes[at + 1] === 0x61 && bytes[at + 2] === 0x74 && bytes[at + 3] === 0x61;
}

export function isEvent(bytes: Buffer, at: number): boolean {
  return bytes[at + 1] === 0x76 && bytes[at + 2] === 0x65 && bytes[at + 3] === 0x6e && bytes[at + 4] === 0x74;
}

export function isId(bytes: Buffer, at: number): boolean {
  return bytes[at + 1] === 0x64;
}

export function isRetry(bytes: Buffer, at: number): boolean {
  return bytes[at + 1] === 0x65 && bytes[at + 2] === 0x74 && bytes[at + 3] === 0x72 && bytes[at + 4] === 0x79;
}

/** How many bytes lie between a name that ends at `at` and its value, or -1 if the name goes on. A line may be a name alone. */
export function separator(bytes: Buffer, at: number): number {
  const next = bytes[at];
  if (next === COLON) return colon(bytes, at);
  return next === LF || next === CR ? 0 : -1;
}

/** How many bytes lie between the colon at `at` and the value behind it: one U+0020, and nothing else, is skipped. */
export function colon(bytes: Buffer, at: number): number {
  return bytes[at + 1] === SPACE ? 2 : 1;
}
