import { describe, expect, it } from '@jest/globals';
import { reconnectDelayMs, SHUTDOWN_DEFAULTS } from './shutdown.js';

describe('reconnectDelayMs', () => {
  const spread = { ...SHUTDOWN_DEFAULTS, spreadMs: 4000 };

  it.each([
    [0, 2000],
    [0.5, 4000],
    [0.999_999, 5999],
  ])('is what the stream asks for, and a share of the spread: random %d gives %d', (random, delay) => {
    expect(reconnectDelayMs(2000, spread, () => random)).toBe(delay);
  });

  it('is the spread alone for a stream that asks for nothing', () => {
    expect(reconnectDelayMs(false, spread, () => 0.25)).toBe(1000);
  });

  it('stays within what a timer can wait', () => {
    expect(reconnectDelayMs(2 ** 31 - 1, spread, () => 0.9)).toBe(2 ** 31 - 1);
  });
});
