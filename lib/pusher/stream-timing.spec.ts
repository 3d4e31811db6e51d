import { describe, expect, it } from '@jest/globals';
import { StreamTiming } from './stream-timing.js';

const KIB = 1024;
const NEVER = { pingMs: 0, writeTimeoutMs: 0, maxAgeMs: 0 };

describe('StreamTiming', () => {
  it('has nothing due, ever, when all is switched off', () => {
    const timing = new StreamTiming(NEVER, 0, 0.5);
    expect(timing.periodMs).toBeUndefined();
    expect(timing.due(1e12, 1e12, 1)).toBeUndefined();
  });

  it('is looked at as often as the shortest of its times asks for', () => {
    expect(new StreamTiming({ pingMs: 0, writeTimeoutMs: 30, maxAgeMs: 20 }, 0, 0).periodMs).toBe(20);
    expect(new StreamTiming({ pingMs: 10, writeTimeoutMs: 30, maxAgeMs: 0 }, 0, 0).periodMs).toBe(10);
  });

  it('has a ping due after silence alone', () => {
    const timing = new StreamTiming({ ...NEVER, pingMs: 100 }, 1000, 0);
    expect(timing.due(1099.9, 0, 0)).toBeUndefined();
    expect(timing.due(1100, 0, 0)).toBe('ping');
    timing.wrote(1100);
    expect(timing.due(1199, 0, 0)).toBeUndefined();
    expect(timing.due(1200, 0, 0)).toBe('ping');
  });

  it.each([
    [0, 800],
    [0.5, 1000],
    [0.75, 1100],
  ])('has its end due at its age, ±20 %%: random %d gives %d', (random, diesAt) => {
    const timing = new StreamTiming({ ...NEVER, maxAgeMs: 1000 }, 0, random);
    expect(timing.due(diesAt - 1, 0, 0)).toBeUndefined();
    expect(timing.due(diesAt + 1, 0, 0)).toBe('max-age');
  });

  it('has a peer cut off that takes nothing, later when a single huge message waits', () => {
    const timing = new StreamTiming({ ...NEVER, writeTimeoutMs: 1000 }, 0, 0);
    expect(timing.due(5000, 999, 64 * KIB)).toBeUndefined();
    expect(timing.due(5000, 1000, 64 * KIB)).toBe('stalled');
    expect(timing.due(5000, 7999, 1024 * KIB)).toBeUndefined();
    expect(timing.due(5000, 8000, 1024 * KIB)).toBe('stalled');
  });

  it('cuts a stalled peer off rather than ending or pinging it', () => {
    const timing = new StreamTiming({ pingMs: 1, writeTimeoutMs: 10, maxAgeMs: 10 }, 0, 0);
    expect(timing.due(100, 100, 1)).toBe('stalled');
    expect(timing.due(100, 0, 0)).toBe('max-age');
  });
});
