import { describe, expect, it } from '@jest/globals';
import { interleave } from '../../bench/codec-interleaved.mjs';
import type { Subject } from '../../bench/suite/contract.mjs';

describe('timing side by side', () => {
  it('runs every subject once a round, in an order that turns', () => {
    let order = '';
    const subjects = ['a', 'b', 'c'].map((name) => ({ name, role: 'peer' as const, run: () => (order += name) }));
    interleave({}, 'small', subjects, (ms) => ms, { rounds: 2, warmUp: 1 });
    expect(order).toBe('abcbcacab');
  });

  it('gives each round its figure, and keeps the figures that are there', () => {
    const into: Record<string, Subject> = {};
    const subjects = [{ name: 'a', role: 'ours' as const, run: () => {} }];
    let calls = 0;
    const figureOf = () => ++calls;
    interleave(into, 'small', subjects, figureOf, { rounds: 2, warmUp: 3 });
    interleave(into, 'large', subjects, figureOf, { rounds: 2, warmUp: 0 });
    const rounds = [
      { small: 1, large: 3 },
      { small: 2, large: 4 },
    ];
    expect(into).toEqual({ a: { role: 'ours', rounds } });
  });
});
