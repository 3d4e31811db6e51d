import { ratioOf } from './statistics.mjs';

/**
 * What became of a target. `spare` is the part of the bound by which it is met, or below zero missed; there is neither that
 * nor a ratio where a subject was left out.
 *
 * @typedef {object} Verdict
 * @property {import('./contract.mjs').Target} target
 * @property {import('./statistics.mjs').Ratio} [ratio]
 * @property {boolean} met
 * @property {number} [spare]
 */

/** @param {import('./contract.mjs').Table} table @returns {Verdict[]} */
export function verdictsOf(table) {
  return (table.targets ?? []).map((target) => verdictOf(table, target));
}

/** @param {import('./contract.mjs').Table} table @param {import('./contract.mjs').Target} target @returns {Verdict} */
function verdictOf({ title, figures, subjects }, target) {
  const { figure, of, over, most, least } = target;
  if (!(figure in figures)) throw new Error(`a target of "${title}" is about ${figure}, which is no figure of it`);
  if ((most === undefined) === (least === undefined)) {
    throw new Error(`a target of "${title}" about ${figure} has to say either most or least`);
  }
  const [subject, other] = [subjects[of], subjects[over]];
  if (subject === undefined || other === undefined) return { target, met: false };
  const ratio = ratioOf(subject, other, figure);
  const spare = most === undefined ? ratio.median / Number(least) - 1 : 1 - ratio.median / most;
  return { target, ratio, met: spare >= 0, spare };
}
