import { sectionOf } from './pages.js';

/** The cells of a row. */
export type Row = readonly string[];

/** The rows of the tables of one section of a page, headers left out. */
export function rowsOf(page: string, heading: string): Row[] {
  const lines = sectionOf(page, heading).split('\n');
  return lines.filter((line, at) => line.startsWith('| ') && !isHead(lines, at)).map(cellsOf);
}

/** What stands in a cell as code. */
export function codeIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
}

/** A default as a program has it: `16 MiB`, `10 000`, `'fail'`, `true`. */
export function valueIn(cell: string): unknown {
  const [, number, unit] = /^(\d[\d ]*?)(?: (KiB|MiB))?$/.exec(cell) ?? [];
  if (number !== undefined) return Number(number.replaceAll(' ', '')) * (SIZES[unit ?? ''] ?? 1);
  const [code = ''] = codeIn(cell);
  return code === 'true' || code === 'false' ? code === 'true' : code.replace(/^'(.*)'$/, '$1');
}

const SIZES: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 * 1024 };

function isHead(lines: readonly string[], at: number): boolean {
  return /^\| -/.test(lines[at]!) || /^\| -/.test(lines[at + 1] ?? '');
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
}
