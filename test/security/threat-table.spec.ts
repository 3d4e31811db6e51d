import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const ROOT = new URL('../../', import.meta.url);
const THREATS = /^## Threats$.*?(?=^## )/ms.exec(readFileSync(new URL('SECURITY.md', ROOT), 'utf8'))![0];
const ROWS = THREATS.match(/^\|.*\|$/gm)!.slice(2); // without the head

/** The tests that the last cell of a row names: `[title](path)`. */
function testsOf(row: string): [title: string, path: string][] {
  const last = row.split('|').at(-2)!;
  return [...last.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, title, path]) => [title!, path!]);
}

/** A test of that very title, or a group of tests. */
function hasTest(source: string, title: string): boolean {
  const escaped = title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`\\(\\s*(['"\`])${escaped}\\1,`).test(source);
}

describe('the threat table of SECURITY.md', () => {
  it('has a row for each threat that is known', () => {
    expect(ROWS.length).toBeGreaterThanOrEqual(14);
  });

  it.each(ROWS.map((row) => [row.split('|')[1]!.trim(), row]))('names tests that exist: %s', (_threat, row) => {
    expect(row.split('|')).toHaveLength(6);
    expect(testsOf(row)).not.toEqual([]);
    for (const [title, path] of testsOf(row)) {
      expect([path, existsSync(new URL(path, ROOT))]).toEqual([path, true]);
      expect([title, hasTest(readFileSync(new URL(path, ROOT), 'utf8'), title)]).toEqual([title, true]);
    }
  });
});
