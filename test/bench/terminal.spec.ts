import { describe, expect, it } from '@jest/globals';
import { layoutOf } from '../../bench/suite/layout.mjs';
import { terminalText } from '../../bench/suite/terminal.mjs';
import { ratioText, shortNumber } from '../../bench/suite/words.mjs';
import { table } from './support/tables.js';

describe('a table in the terminal', () => {
  it('has ours first, then peers, then floors, with medians, ratios and spreads, and the targets below', () => {
    const targets = [
      { figure: 'cost', of: 'ours', over: 'peer', most: 0.6 },
      { figure: 'cost', of: 'peer', over: 'ours', least: 2.5 },
    ];
    expect(terminalText({ ...table(targets), note: 'Of things.' }).split('\n')).toEqual([
      '',
      'A thing (3 rounds)',
      'Of things.',
      '       cost, µs ↓           ÷ floor',
      'ours            5  1.50 (0.50-2.00)',
      'peer          7.5  3.00 (2.50-3.00)',
      'floor         2.5              1.00',
      '- cost: ours ÷ peer is 0.50 (0.20-0.67), wanted ≤ 0.6: met, 17 % to spare',
      '- cost: peer ÷ ours is 2.00 (1.50-5.00), wanted ≥ 2.5: missed by 20 %',
    ]);
  });

  it('says nothing about targets in the quick form', () => {
    const target = { figure: 'cost', of: 'ours', over: 'peer', most: 0.6 };
    expect(terminalText(table([target]), { quick: true })).not.toContain('wanted');
  });

  it('is refused without its base', () => {
    expect(() => layoutOf({ ...table(), base: 'other' })).toThrow('"A thing" is without its base, other');
  });
});

describe('a number', () => {
  it.each([
    [1_234_567.8, '1,234,568'],
    [999.6, '1,000'],
    [99.94, '99.9'],
    [0.012345, '0.0123'],
    [Number.NaN, '-'],
  ])('%p is written with three figures, or whole: %s', (value, text) => {
    expect(shortNumber(value)).toBe(text);
  });

  it.each([
    [0.0512, '0.051'],
    [0.0999, '0.10'],
    [1, '1.00'],
    [9.999, '10.0'],
    [123.4, '123'],
    [Number.POSITIVE_INFINITY, '-'],
  ])('as a ratio %p is %s', (value, text) => {
    expect(ratioText(value)).toBe(text);
  });
});
