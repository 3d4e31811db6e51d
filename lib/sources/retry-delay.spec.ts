import { describe, expect, it } from '@jest/globals';
import { retryDelayMs } from './retry-delay.js';

describe('the pause before the next attempt', () => {
  it('is 100 ms, and doubles up to 5 s', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => retryDelayMs(attempt, () => 0));
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  });

  it('is longer by chance, up to twice as long, but never longer than 5 s', () => {
    const pauses = [1, 2, 5, 6, 7].map((attempt) => retryDelayMs(attempt, () => 0.5));
    expect(pauses).toEqual([150, 300, 2400, 4800, 5000]);
  });

  it('has no limit of attempts', () => {
    expect(retryDelayMs(10_000, () => 0.5)).toBe(5000);
    expect(retryDelayMs(10_000, () => 0)).toBe(5000);
  });
});
