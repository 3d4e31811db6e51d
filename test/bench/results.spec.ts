import { describe, expect, it } from '@jest/globals';
import { withResults } from '../../bench/suite/results.mjs';
import { subject, table } from './support/tables.js';

const target = { figure: 'cost', of: 'ours', over: 'floor', most: 2 };
const ORDER = ['first', 'second', 'third'];
const first = { benchmark: 'first', measured: 'Measured on Monday.', tables: [table([target], 'One')] };
const second = { benchmark: 'second', measured: 'Measured on Tuesday.', tables: [table([target], 'Two')] };

function linesOf(text: string) {
  return text.slice(text.indexOf('## Targets')).split('\n');
}

describe('RESULTS.md', () => {
  it('has all targets in one table, then the tables of each benchmark', () => {
    const note = 'Of things.';
    const text = withResults('', [{ ...first, tables: [{ ...table([target], 'One'), note }] }], ORDER);
    expect(text.startsWith('# Results of the benchmarks\n\n')).toBe(true);
    expect(linesOf(text)).toEqual([
      '## Targets',
      '',
      '| benchmark | table | figure | of ÷ over | wanted | measured | verdict |',
      '|---|---:|---:|---:|---:|---:|---:|',
      '| first | One | cost | ours ÷ floor | ≤ 2 | 1.50 (0.50-2.00) | met, 25 % to spare |',
      '',
      '## first',
      '',
      'Measured on Monday.',
      '',
      '### One',
      '',
      'Of things.',
      '',
      '|  | cost, µs ↓ | ÷ floor |',
      '|---|---:|---:|',
      '| ours | 5 | 1.50 (0.50-2.00) |',
      '| peer | 7.5 | 3.00 (2.50-3.00) |',
      '| floor | 2.5 | 1.00 |',
      '',
    ]);
  });

  it('keeps what was not run again, section and targets', () => {
    const both = withResults('', [first, second], ORDER);
    const faster = {
      ...table([target], 'Two'),
      base: 'ours',
      subjects: { ours: subject('ours', 1), floor: subject('floor', 1) },
    };
    const again = withResults(both, [{ ...second, measured: 'Measured on Friday.', tables: [faster] }], ORDER);
    const section = (text: string, name: string) => text.slice(text.indexOf(`## ${name}\n`)).split('\n## ')[0];
    expect(section(again, 'first')).toBe(section(both, 'first'));
    expect(section(again, 'second')).toContain('Measured on Friday.');
    expect(again).not.toContain('Measured on Tuesday.');
    expect(again.split('\n').filter((line) => line.endsWith('to spare |'))).toEqual([
      '| first | One | cost | ours ÷ floor | ≤ 2 | 1.50 (0.50-2.00) | met, 25 % to spare |',
      '| second | Two | cost | ours ÷ floor | ≤ 2 | 1.00 | met, 50 % to spare |',
    ]);
  });

  it('is the same when the same is written again', () => {
    const once = withResults('', [first, second], ORDER);
    expect(withResults(once, [first], ORDER)).toBe(once);
    expect(withResults(once, [], ORDER)).toBe(once);
  });

  it('has the benchmarks in their order, whichever ran first', () => {
    const text = withResults(withResults('', [second], ORDER), [first], ORDER);
    expect(text).toBe(withResults('', [first, second], ORDER));
  });

  it('drops a benchmark that is no more', () => {
    const both = withResults('', [first, second], ORDER);
    expect(withResults(both, [], ['second'])).toBe(withResults('', [second], ['second']));
  });

  it('keeps a bar in a name from ending its cell', () => {
    const odd = { ...table([], 'One'), base: 'a|b', subjects: { 'a|b': subject('ours', 1) } };
    expect(withResults('', [{ ...first, tables: [odd] }], ORDER)).toContain('| a\\|b | 1 | 1.00 |');
  });
});
