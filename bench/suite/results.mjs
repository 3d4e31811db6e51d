/**
 * `bench/RESULTS.md`: all targets in one table, then a section for each benchmark. What was not run again stays as it is, in
 * the table and below.
 */
import { layoutOf } from './layout.mjs';
import { verdictsOf } from './verdict.mjs';
import { boundText, spreadText, verdictText } from './words.mjs';

/** @typedef {{ benchmark: string, measured: string, tables: import('./contract.mjs').Table[] }} Run `measured`: when, and on what */

const INTRODUCTION = `# Results of the benchmarks

Written by \`npm run bench\`; [CONTRIBUTING.md](../CONTRIBUTING.md#benchmarks) says how to run it and how to read this.
Figures are medians over interleaved rounds, ratios the median over the rounds of the ratio in the same round, with the
lowest and the highest in brackets. ↓ means that less is better, ↑ that more is. Differences under 10 % are noise.
[Why some targets are missed](../docs/adr/0006-targets-that-are-missed.md) says where the time goes.
`;
const TARGETS = 'Targets';
const TARGETS_HEAD = ['benchmark', 'table', 'figure', 'of ÷ over', 'wanted', 'measured', 'verdict'];

/**
 * @param {string} previous the file as it is, or nothing
 * @param {Run[]} runs
 * @param {string[]} order the names of all benchmarks
 */
export function withResults(previous, runs, order) {
  const sections = sectionsOf(previous);
  const targets = new Map(order.map((name) => [name, keptTargets(sections.get(TARGETS) ?? '', name)]));
  for (const run of runs) {
    sections.set(run.benchmark, sectionText(run));
    targets.set(
      run.benchmark,
      run.tables.flatMap((table) => targetRows(run.benchmark, table)),
    );
  }
  const summary = [row(TARGETS_HEAD), rule(TARGETS_HEAD), ...[...targets.values()].flat()].join('\n');
  const texts = order.flatMap((name) => (sections.has(name) ? [`## ${name}\n\n${sections.get(name)}`] : []));
  return `${[INTRODUCTION.trim(), `## ${TARGETS}\n\n${summary}`, ...texts].join('\n\n')}\n`;
}

/** @param {string} text @returns {Map<string, string>} by heading, without it */
function sectionsOf(text) {
  const [, ...sections] = text.split(/^## /m);
  return new Map(
    sections.map((section) => {
      const end = section.indexOf('\n');
      return [section.slice(0, end), section.slice(end).trim()];
    }),
  );
}

/** @param {string} summary @param {string} name */
function keptTargets(summary, name) {
  return summary.split('\n').filter((line) => line.startsWith(`| ${name} |`));
}

/** @param {Run} run */
function sectionText({ measured, tables }) {
  return [measured, ...tables.map(tableText)].join('\n\n');
}

/** @param {import('./contract.mjs').Table} table */
function tableText(table) {
  const { head, rows } = layoutOf(table);
  const note = table.note ? [`${table.note}\n`] : [];
  return [`### ${table.title}\n`, ...note, row(head), rule(head), ...rows.map(row)].join('\n');
}

/** @param {string} benchmark @param {import('./contract.mjs').Table} table */
function targetRows(benchmark, table) {
  return verdictsOf(table).map((verdict) => {
    const { figure, of, over } = verdict.target;
    const measured = verdict.ratio ? spreadText(verdict.ratio) : '';
    const cells = [benchmark, table.title, figure, `${of} ÷ ${over}`, boundText(verdict.target), measured];
    return row([...cells, verdictText(verdict)]);
  });
}

/** @param {string[]} cells */
function row(cells) {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** @param {string[]} head */
function rule(head) {
  return `|${head.map((_, column) => (column === 0 ? '---|' : '---:|')).join('')}`;
}
