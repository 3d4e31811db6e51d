import { layoutOf } from './layout.mjs';
import { verdictsOf } from './verdict.mjs';
import { boundText, spreadText, verdictText } from './words.mjs';

const GAP = '  ';

/**
 * A table as it is printed, with its targets below.
 *
 * @param {import('./contract.mjs').Table} table
 * @param {{ quick?: boolean }} [form] the quick one says nothing about targets
 */
export function terminalText(table, { quick = false } = {}) {
  const { head, rows } = layoutOf(table);
  const lines = aligned([head, ...rows]);
  const rounds = Math.max(...Object.values(table.subjects).map((subject) => subject.rounds.length));
  const title = `${table.title} (${rounds} round${rounds === 1 ? '' : 's'})`;
  return ['', title, ...(table.note ? [table.note] : []), ...lines, ...(quick ? [] : targetLines(table))].join('\n');
}

/** The first column begins where it begins, the others end where they end. @param {string[][]} rows */
function aligned(rows) {
  const widths = rows.reduce(
    (widest, cells) => cells.map((cell, column) => Math.max(cell.length, widest[column] ?? 0)),
    /** @type {number[]} */ ([]),
  );
  return rows.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(Number(widths[0])) : cell.padStart(Number(widths[column]))))
      .join(GAP),
  );
}

/** @param {import('./contract.mjs').Table} table */
function targetLines(table) {
  return verdictsOf(table).map((verdict) => {
    const { figure, of, over } = verdict.target;
    const measured = verdict.ratio ? ` is ${spreadText(verdict.ratio)},` : '';
    return `- ${figure}: ${of} ÷ ${over}${measured} wanted ${boundText(verdict.target)}: ${verdictText(verdict)}`;
  });
}
