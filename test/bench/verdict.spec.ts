import { describe, expect, it } from '@jest/globals';
import type { Target } from '../../bench/suite/contract.mjs';
import { verdictsOf } from '../../bench/suite/verdict.mjs';
import { boundText, verdictText } from '../../bench/suite/words.mjs';
import { subject, table } from './support/tables.js';

const overFloor = { figure: 'cost', of: 'ours', over: 'floor' };

function verdictOf(target: Target) {
  const [verdict] = verdictsOf(table([target]));
  return verdict!;
}

describe('a target', () => {
  it('of at most so much is met at that, and missed above', () => {
    expect(verdictOf({ ...overFloor, most: 1.5 })).toMatchObject({ met: true, spare: 0 });
    expect(verdictOf({ ...overFloor, most: 1.2 })).toMatchObject({ met: false, spare: expect.closeTo(-0.25) });
  });

  it('of at least so much is met at that, and missed below', () => {
    expect(verdictOf({ ...overFloor, least: 1.5 })).toMatchObject({ met: true, spare: 0 });
    expect(verdictOf({ ...overFloor, least: 2 })).toMatchObject({ met: false, spare: -0.25 });
  });

  it('is about the median of the ratios, not the ratio of the medians', () => {
    // 5 / 2.5 it would be.
    expect(verdictOf({ ...overFloor, most: 1.6 }).ratio?.median).toBe(1.5);
  });

  it('is neither met nor missed where a subject was left out', () => {
    const verdict = verdictOf({ ...overFloor, over: 'C floor', most: 1.5 });
    expect(verdict).toEqual({ target: verdict.target, met: false });
    expect(verdictText(verdict)).toBe('left out');
  });

  it('is missed by what is not a number', () => {
    const [verdict] = verdictsOf({ ...table([{ ...overFloor, most: 9 }]), subjects: broken() });
    expect(verdict?.met).toBe(false);
    expect(verdictText(verdict!)).toBe('missed: not a number');
  });

  it('has to be about a figure of the table', () => {
    expect(() => verdictOf({ ...overFloor, figure: 'speed', most: 1 })).toThrow('speed, which is no figure');
  });

  it('has to have one bound, and one only', () => {
    expect(() => verdictOf(overFloor)).toThrow('either most or least');
    expect(() => verdictOf({ ...overFloor, most: 1, least: 1 })).toThrow('either most or least');
  });

  it('says by how much', () => {
    expect(verdictText(verdictOf({ ...overFloor, most: 2 }))).toBe('met, 25 % to spare');
    expect(verdictText(verdictOf({ ...overFloor, least: 3 }))).toBe('missed by 50 %');
  });

  it('says its bound', () => {
    expect(boundText({ ...overFloor, most: 0.75 })).toBe('≤ 0.75');
    expect(boundText({ ...overFloor, least: 3 })).toBe('≥ 3');
  });
});

function broken() {
  return { floor: subject('floor', 0), ours: subject('ours', 0) };
}
