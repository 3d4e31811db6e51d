const FIRST_MS = 100;
const LONGEST_MS = 5_000;

/**
 * How long to wait after an attempt has failed: 100 ms, doubled by each failure before it, and up to as much again by
 * chance, so that handlers that failed together do not come back together. Never more than 5 s.
 */
export function retryDelayMs(attempt: number, random: () => number): number {
  const atLeast = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1));
  return Math.min(LONGEST_MS, atLeast + random() * atLeast);
}
