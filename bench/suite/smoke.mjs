/**
 * What the quick form looks at: whether a ratio is still about what was kept in `bench/smoke.json`. A machine that is twice as
 * slow at everything changes no ratio; a fast path that is not taken any more changes it by much.
 */
import { median, ratioOf } from './statistics.mjs';

/** @typedef {Record<string, number>} Kept ratios by benchmark, table, figure and subjects */

const COLLAPSED = 2;

/** @param {string} benchmark @param {import('./contract.mjs').Table[][]} runs of which the median counts @returns {Kept} */
export function ratiosToKeep(benchmark, runs) {
  const measured = runs.map((tables) => new Map(steadyRatios(benchmark, tables).map(({ key, ratio }) => [key, ratio])));
  const keys = [...(measured[0]?.keys() ?? [])];
  return Object.fromEntries(
    keys.map((key) => [key, Number(median(measured.map((run) => Number(run.get(key)))).toPrecision(3))]),
  );
}

/**
 * @param {Kept} kept
 * @param {string} benchmark
 * @param {import('./contract.mjs').Table[]} tables
 * @returns {Map<string, string>} what is wrong, by key: a ratio that is worse by more than a factor of two, or is not the same one
 */
export function collapsedRatios(kept, benchmark, tables) {
  /** @type {Map<string, string>} */
  const problems = new Map();
  const measured = steadyRatios(benchmark, tables);
  for (const { key, ratio, lessIsBetter } of measured) {
    const before = kept[key];
    const worse = lessIsBetter ? ratio / Number(before) : Number(before) / ratio;
    if (before === undefined) problems.set(key, 'is not in bench/smoke.json: renew it');
    else if (!(worse <= COLLAPSED)) problems.set(key, `was ${before}, is ${ratio.toPrecision(3)}`);
  }
  for (const key of Object.keys(kept).filter((each) => each.startsWith(`${benchmark}: `))) {
    if (!measured.some((each) => each.key === key)) problems.set(key, 'is in bench/smoke.json, and was not measured');
  }
  return problems;
}

/** @param {string} benchmark @param {import('./contract.mjs').Table[]} tables */
function steadyRatios(benchmark, tables) {
  return tables.flatMap(({ title, subjects, targets = [] }) =>
    targets.flatMap(({ figure, of, over, most, smoke }) => {
      const [subject, other] = [subjects[of], subjects[over]];
      if (!smoke || subject === undefined || other === undefined) return [];
      const ratio = ratioOf(subject, other, figure).median;
      return [{ key: `${benchmark}: ${title}: ${figure}: ${of} ÷ ${over}`, ratio, lessIsBetter: most !== undefined }];
    }),
  );
}
