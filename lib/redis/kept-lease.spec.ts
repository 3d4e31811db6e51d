import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { deferred } from '../../test/pusher/support/deferred.js';
import { KeptLease } from './kept-lease.js';

const TTL = 9_000;
/** The tenth that is left for clocks that differ. */
const COUNTS_FOR = 8_100;

describe('a lease that is kept', () => {
  let renewals: number[];
  let answer: () => Promise<boolean>;
  let released: number;
  let lease: KeptLease;
  let start: number;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    renewals = [];
    released = 0;
    answer = async () => true;
    start = performance.now();
    lease = keep(start);
  });

  afterEach(async () => {
    await lease.release();
    jest.useRealTimers();
  });

  const keep = (askedAt: number) =>
    new KeptLease(
      {
        source: 'billing',
        ttlMs: TTL,
        renew: () => {
          renewals.push(performance.now() - start);
          return answer();
        },
        release: async () => {
          released += 1;
        },
      },
      askedAt,
    );

  const reason = () => (lease.signal.aborted ? lease.signal.reason : undefined);

  it('is renewed three times while it lasts, and so lasts for ever', async () => {
    await jest.advanceTimersByTimeAsync(10 * TTL);
    expect(renewals.slice(0, 3)).toEqual([3_000, 6_000, 9_000]);
    expect(renewals).toHaveLength(30);
    expect([lease.isHeld(), lease.signal.aborted]).toEqual([true, false]);
  });

  it('is lost, before it can be given to anybody else, when nobody answers', async () => {
    answer = () => new Promise(() => {});
    await jest.advanceTimersByTimeAsync(COUNTS_FOR - 1);
    expect([lease.isHeld(), lease.signal.aborted]).toEqual([true, false]);
    await jest.advanceTimersByTimeAsync(1);
    expect(reason()).toMatchObject({ code: 'SSE_LEASE_LOST', source: 'billing', reason: 'expired' });
    expect(lease.isHeld()).toBe(false);
  });

  it('counts from when it was asked for, however late the answer is', async () => {
    const late = deferred<boolean>();
    answer = () => late.promise;
    await jest.advanceTimersByTimeAsync(8_000);
    expect(renewals).toEqual([3_000]);
    answer = () => new Promise(() => {});
    late.resolve(true);
    await jest.advanceTimersByTimeAsync(3_000 + COUNTS_FOR - 8_000 - 1);
    expect(lease.signal.aborted).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(reason()).toMatchObject({ reason: 'expired' });
  });

  it('is not brought back by an answer that comes when it is lost', async () => {
    const late = deferred<boolean>();
    answer = () => late.promise;
    await jest.advanceTimersByTimeAsync(COUNTS_FOR);
    late.resolve(true);
    await jest.advanceTimersByTimeAsync(TTL);
    expect(lease.isHeld()).toBe(false);
    expect(renewals).toHaveLength(1);
  });

  it('is asked for again soon where that failed', async () => {
    answer = async () => {
      if (renewals.length < 3) throw new Error('away');
      return true;
    };
    await jest.advanceTimersByTimeAsync(COUNTS_FOR);
    expect(renewals).toEqual([3_000, 3_900, 4_800, 7_800]);
    expect(lease.isHeld()).toBe(true);
  });

  it('is lost at once where it belongs to somebody else', async () => {
    answer = async () => false;
    await jest.advanceTimersByTimeAsync(3_000);
    expect(reason()).toMatchObject({ code: 'SSE_LEASE_LOST', reason: 'taken' });
    await jest.advanceTimersByTimeAsync(TTL);
    expect(renewals).toHaveLength(1);
  });

  it('is seen to be lost before the timer runs, in a process that was paused', async () => {
    await lease.release();
    lease = keep(performance.now() - COUNTS_FOR);
    expect(lease.signal.aborted).toBe(false);
    expect(lease.isHeld()).toBe(false);
    expect(reason()).toMatchObject({ reason: 'expired' });
  });

  it('does nothing more when it was released, and is not lost by that', async () => {
    await lease.release();
    expect(released).toBe(1);
    await jest.advanceTimersByTimeAsync(2 * TTL);
    expect([renewals, lease.isHeld(), lease.signal.aborted]).toEqual([[], false, false]);
    expect(jest.getTimerCount()).toBe(0);
  });
});
