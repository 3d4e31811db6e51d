import { median, ratioOf, valuesOf } from './statistics.mjs';
import { shortNumber, spreadText } from './words.mjs';

const ORDER = /** @type {const} */ (['ours', 'peer', 'floor']);
const ARROWS = { less: '↓', more: '↑' };

/**
 * A table as cells: a row for each subject, ours first, and for each figure the median and the ratio to the base.
 *
 * @param {import('./contract.mjs').Table} table
 * @returns {{ head: string[], rows: string[][] }}
 */
export function layoutOf({ title, base, figures, subjects }) {
  const baseSubject = subjects[base];
  if (baseSubject === undefined) throw new Error(`"${title}" is without its base, ${base}`);
  const columns = Object.entries(figures);
  const head = columns.flatMap(([figure, { unit, better }]) => [`${figure}, ${unit} ${ARROWS[better]}`, `÷ ${base}`]);
  const sorted = ORDER.flatMap((role) => Object.entries(subjects).filter(([, subject]) => subject.role === role));
  const rows = sorted.map(([name, subject]) => [
    name,
    ...columns.flatMap(([figure]) => [
      shortNumber(median(valuesOf(subject, figure))),
      spreadText(ratioOf(subject, baseSubject, figure)),
    ]),
  ]);
  return { head: ['', ...head], rows };
}
