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

const POSITION = /^([0-9A-Za-z]{1,32})-(0|[1-9]\d{0,15})(?:\.(0|[1-9]\d{0,15}))?$/;

/** The position as an id on the wire: `<epoch>-<seq>`, or `<epoch>-<seq>.<told>`. */
export function formatPosition({ epoch, seq, told }: Position): string {
  return told === undefined ? `${epoch}-${seq}` : `${epoch}-${seq}.${told}`;
}

/** Strict, for it reads what clients send: whatever this package has not written itself is no position. */
export function parsePosition(id: string): Position | undefined {
  const parts = POSITION.exec(id);
  if (!parts) {
    return undefined;
  }
  const seq = Number(parts[2]);
  const told = parts[3] === undefined ? undefined : Number(parts[3]);
  return Number.isSafeInteger(seq) && (told === undefined || Number.isSafeInteger(told))
    ? { epoch: parts[1]!, seq, told }
    : undefined;
}

/** Keeps sums of positions where integers are exact. */
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
