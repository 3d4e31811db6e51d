/** How the numbers of the benchmarks are written, in the terminal and in RESULTS.md alike. */

/** Three figures, and thousands apart. @param {number} value */
export function shortNumber(value) {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 999.5) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

/** @param {number} value */
export function ratioText(value) {
  if (!Number.isFinite(value)) return '-';
  return value.toFixed(value < 0.0995 ? 3 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

/** @param {import('./statistics.mjs').Ratio} ratio */
export function spreadText({ median, least, most }) {
  if (least === most) return ratioText(median);
  return `${ratioText(median)} (${ratioText(least)}-${ratioText(most)})`;
}

/** @param {import('./contract.mjs').Target} target */
export function boundText({ most, least }) {
  return most === undefined ? `≥ ${least}` : `≤ ${most}`;
}

/** @param {import('./verdict.mjs').Verdict} verdict */
export function verdictText({ met, spare }) {
  if (spare === undefined) return 'left out';
  if (Number.isNaN(spare)) return 'missed: not a number';
  const percent = `${Math.abs(spare * 100).toFixed(0)} %`;
  return met ? `met, ${percent} to spare` : `missed by ${percent}`;
}
