import { describe, expect, it } from '@jest/globals';
import { collapsedRatios, ratiosToKeep } from '../../bench/suite/smoke.mjs';
import { subject, table } from './support/tables.js';

const less = { figure: 'cost', of: 'ours', over: 'floor', most: 1, smoke: true };
const more = { figure: 'cost', of: 'peer', over: 'ours', least: 1, smoke: true };
const unsteady = { figure: 'cost', of: 'ours', over: 'peer', most: 1 };
const LESS = 'codec: A thing: cost: ours ÷ floor';
const MORE = 'codec: A thing: cost: peer ÷ ours';
const tables = [table([less, more, unsteady])];

function problems(kept: Record<string, number>) {
  return Object.fromEntries(collapsedRatios(kept, 'codec', tables));
}

describe('the quick form', () => {
  it('keeps the steady ratios, and no others', () => {
    expect(ratiosToKeep('codec', [tables])).toEqual({ [LESS]: 1.5, [MORE]: 2 });
  });

  it('keeps the median of several runs', () => {
    const runOf = (cost: number) => {
      const subjects = { ours: subject('ours', cost), floor: subject('floor', 3) };
      return [{ ...table([less]), subjects }];
    };
    expect(ratiosToKeep('codec', [runOf(30), runOf(4), runOf(5)])).toEqual({ [LESS]: 1.67 });
  });

  it('is content with what it has kept, and with twice as bad', () => {
    expect(problems({ [LESS]: 1.5, [MORE]: 2 })).toEqual({});
    expect(problems({ [LESS]: 0.75, [MORE]: 4 })).toEqual({});
  });

  it('is content with what has become much better', () => {
    expect(problems({ [LESS]: 15, [MORE]: 0.2 })).toEqual({});
  });

  it('names a ratio that has become more than twice as bad, whichever way is worse', () => {
    expect(problems({ [LESS]: 0.74, [MORE]: 2 })).toEqual({ [LESS]: 'was 0.74, is 1.50' });
    expect(problems({ [LESS]: 1.5, [MORE]: 4.1 })).toEqual({ [MORE]: 'was 4.1, is 2.00' });
  });

  it('names a ratio that is no number', () => {
    const broken = [
      { ...table([less]), subjects: { ours: { role: 'ours', rounds: [{}] }, floor: { role: 'floor', rounds: [{}] } } },
    ];
    expect(collapsedRatios({ [LESS]: 1 }, 'codec', broken as never).has(LESS)).toBe(true);
  });

  it('names a ratio that was never kept, and one that is not measured any more', () => {
    expect(problems({ [MORE]: 2, 'codec: Another: cost: ours ÷ floor': 1 })).toEqual({
      [LESS]: 'is not in bench/smoke.json: renew it',
      'codec: Another: cost: ours ÷ floor': 'is in bench/smoke.json, and was not measured',
    });
  });

  it('leaves the ratios of other benchmarks alone', () => {
    expect(problems({ [LESS]: 1.5, [MORE]: 2, 'push: A thing: cost: ours ÷ floor': 0.1 })).toEqual({});
  });
});
