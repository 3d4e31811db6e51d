import { CR, LF } from './bytes.js';

/** The index after the last line end of `bytes` from `start` on, or `start` when there is none. */
export function afterLastLineEnd(bytes: Buffer, start: number): number {
  const lf = Math.max(bytes.lastIndexOf(LF), start - 1);
  if (lf + 1 === bytes.length || bytes.indexOf(CR, lf + 1) === -1) return lf + 1;
  return bytes.lastIndexOf(CR) + 1;
}

/** The index after the first line end of `bytes` from `start` on; there must be one. An LF after a CR is left. */
export function afterFirstLineEnd(bytes: Buffer, start: number): number {
  const lf = bytes.indexOf(LF, start);
  const cr = bytes.subarray(start, lf === -1 ? undefined : lf).indexOf(CR);
  return (cr === -1 ? lf : start + cr) + 1;
}
