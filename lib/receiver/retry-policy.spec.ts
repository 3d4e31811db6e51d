import { describe, expect, it } from '@jest/globals';
import { BackoffRetryPolicy, NEVER_RETRY, type RetryContext } from './retry-policy.js';

const context = (known: Partial<RetryContext>): RetryContext => ({
  attempt: 1,
  elapsedMs: 0,
  outcome: { kind: 'end', attempt: 1 },
  ...known,
});
const delays = (policy: BackoffRetryPolicy, attempts: readonly number[], known: Partial<RetryContext> = {}) =>
  attempts.map((attempt) => policy.nextDelayMs(context({ ...known, attempt })));

describe('BackoffRetryPolicy', () => {
  it('doubles the bound of its random part, up to the maximum', () => {
    const attempts = [1, 2, 3, 5, 6, 7, 5_000];
    expect(delays(new BackoffRetryPolicy({}, () => 0), attempts)).toEqual(Array(7).fill(100));
    expect(delays(new BackoffRetryPolicy({}, () => 1), attempts)).toEqual([
      1_100, 2_100, 4_100, 16_100, 30_100, 30_100, 30_100,
    ]);
    expect(delays(new BackoffRetryPolicy({ baseMs: 10, maxMs: 35 }, () => 0.5), [1, 2, 3, 4])).toEqual([
      105, 110, 117.5, 117.5,
    ]);
  });

  it('rolls real dice unless told otherwise', () => {
    const rolled = new Set(delays(new BackoffRetryPolicy(), Array(20).fill(1)));
    expect(rolled.size).toBeGreaterThan(1);
    for (const delay of rolled) {
      expect(delay).toBeGreaterThanOrEqual(100);
      expect(delay).toBeLessThan(1_100);
    }
  });

  it('never goes below what the server asked for, within the cap', () => {
    const policy = new BackoffRetryPolicy({ maxServerDelayMs: 60_000 }, () => 0.5);
    expect(policy.nextDelayMs(context({ serverDelayMs: 5_000 }))).toBe(5_500);
    expect(policy.nextDelayMs(context({ serverDelayMs: 99_999_999_999 }))).toBe(60_500);
    expect(policy.nextDelayMs(context({ serverDelayMs: 0 }))).toBe(600);
  });

  it('caps the server at one hour, and everything at what a timer can take', () => {
    expect(new BackoffRetryPolicy({}, () => 0).nextDelayMs(context({ serverDelayMs: 2 ** 31 }))).toBe(3_600_000);
    const endless = { baseMs: 2 ** 31 - 1, maxMs: 2 ** 31 - 1, maxServerDelayMs: 2 ** 31 - 1 };
    const policy = new BackoffRetryPolicy(endless, () => 1);
    expect(policy.nextDelayMs(context({ serverDelayMs: 2 ** 31 }))).toBe(2 ** 31 - 1);
  });

  it('is a number of milliseconds without any random part, too', () => {
    expect(delays(new BackoffRetryPolicy({ baseMs: 0 }), [1, 5_000])).toEqual([100, 100]);
  });

  it('refuses options that it cannot use', () => {
    expect(() => new BackoffRetryPolicy({ baseMs: -1, maxAttempts: 0 })).toThrow(/baseMs.*maxAttempts/);
  });

  it('gives up after so many attempts', () => {
    const policy = new BackoffRetryPolicy({ maxAttempts: 3 }, () => 0);
    expect(delays(policy, [1, 2, 3, 4])).toEqual([100, 100, undefined, undefined]);
  });

  it('gives up rather than wait for too long in all', () => {
    const policy = new BackoffRetryPolicy({ maxElapsedMs: 1_000 }, () => 0);
    expect(policy.nextDelayMs(context({ elapsedMs: 900 }))).toBe(100);
    expect(policy.nextDelayMs(context({ elapsedMs: 901 }))).toBeUndefined();
  });
});

describe('NEVER_RETRY', () => {
  it('gives up at once', () => {
    expect(NEVER_RETRY.nextDelayMs(context({}))).toBeUndefined();
  });
});
