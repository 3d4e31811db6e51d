import { CR, LF } from './bytes.js';

/** Most chunks end with a line, or close to one: looking there first spares two calls into native code. */
const NEAR = 64;

/** The index after the last line end of `bytes` from `start` on, or `start` when there is none. */
export function afterLastLineEnd(bytes: Buffer, start: number): number {
  const near = Math.max(start, bytes.length - NEAR);
  for (let at = bytes.length - 1; at >= near; at--) {
    const byte = bytes[at];
    if (byte === LF || byte === CR) return at + 1;
  }
  if (near === start) return start;
  const lf = Math.max(bytes.lastIndexOf(LF, near), start - 1);
  const last = bytes.indexOf(CR, lf + 1) === -1 ? lf : bytes.lastIndexOf(CR, near);
  return last + 1;
}

/** The index after the first line end of `bytes` from `start` on; there must be one. An LF after a CR is left. */
export function afterFirstLineEnd(bytes: Buffer, start: number): number {
  const lf = bytes.indexOf(LF, start);
  const cr = bytes.subarray(start, lf === -1 ? undefined : lf).indexOf(CR);
  return (cr === -1 ? lf : start + cr) + 1;
}
