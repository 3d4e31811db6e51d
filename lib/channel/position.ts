/**
 * Where a stream stands: everything that it follows, up to this position of the log with this name, is dealt with.
 * Positions increase across all channels of a backplane, so one of them says it for any set of channels.
 */
export interface Position {
  /** Random for each lifetime of a log, so that a position of another one is recognised. */
  readonly epoch: string;
  readonly seq: number;
  /** Which losses the client has been told of already; see {@link sumOfFloors}. */
  readonly told?: number | undefined;
}

/** Keeps sums of positions where integers are exact, and within six bytes. */
const MODULUS = 2 ** 48;

/**
 * A fingerprint of what a set of logs has lost. Floors only rise, so an equal sum means that nothing was lost since; with it
 * in an id, a client that comes back in the middle of what follows a gap is not told of the same gap again.
 */
export function sumOfFloors(logs: Iterable<{ readonly floor: number }>): number {
  let sum = 0;
  for (const { floor } of logs) {
    sum = (sum + floor) % MODULUS;
  }
  return sum;
}
