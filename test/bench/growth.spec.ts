import { describe, expect, it } from '@jest/globals';
import { exponentOf } from '../../bench/growth-fit.mjs';

function points(cost: (size: number) => number): [number, number][] {
  return [100, 300, 1000, 3000, 10_000, 19_000].map((size) => [size, cost(size)]);
}

describe('the exponent of growth', () => {
  it.each([
    ['flat', 0, () => 7],
    ['linear', 1, (size: number) => 3 * size],
    ['quadratic', 2, (size: number) => 0.1 * size ** 2],
    ['of a root', 0.5, (size: number) => Math.sqrt(size)],
    ['falling', -1, (size: number) => 50 / size],
  ])('of what is %s is %d', (_word, exponent, cost) => {
    expect(exponentOf(points(cost))).toBeCloseTo(exponent, 10);
  });

  it('is that of the line that fits best, where noise is on both sides', () => {
    expect(
      exponentOf([
        [1, 2],
        [10, 10],
        [100, 200],
      ]),
    ).toBeCloseTo(1, 10);
  });
});
