/** The little arithmetic of the benchmarks. */

/** @typedef {{ median: number, least: number, most: number }} Ratio over the rounds of a table */

/** @param {number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return Number(sorted[middle]);
  return (Number(sorted[middle - 1]) + Number(sorted[middle])) / 2;
}

/** @param {number[]} sorted in ascending order @param {number} part from 0 to 1 */
export function percentile(sorted, part) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

/** @param {import('./contract.mjs').Subject} subject @param {string} figure */
export function valuesOf({ rounds }, figure) {
  return rounds.map((round) => round[figure] ?? Number.NaN);
}

/**
 * One subject beside another, each round by itself: a slow moment of the machine falls on both.
 *
 * @param {import('./contract.mjs').Subject} subject
 * @param {import('./contract.mjs').Subject} other
 * @param {string} figure
 * @returns {Ratio}
 * @throws if they had not the same rounds
 */
export function ratioOf(subject, other, figure) {
  const divisors = valuesOf(other, figure);
  if (subject.rounds.length !== divisors.length) throw new Error(`rounds of ${figure} that are not aligned`);
  const ratios = valuesOf(subject, figure).map((value, round) => value / Number(divisors[round]));
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}
