import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LeaseQueue } from './lease-queue.js';
import { RedisKeys } from './redis-keys.js';
import type { RedisLink } from './redis-link.js';

const TTL = 10_000;
/** How long a shutdown waits for Redis to take a lease back. */
const RELEASE_TIMEOUT = 1_000;

describe('the queue for a lease, with a Redis that does not answer', () => {
  let stopping: AbortController;
  let isAnswering: boolean;
  let holder: string;
  let told: string[];
  let left: number;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    stopping = new AbortController();
    isAnswering = false;
    holder = '';
    told = [];
    left = 0;
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const acquire = () => {
    const link = {
      whenReady: async () => {},
      send: () => (isAnswering ? Promise.resolve(holder) : new Promise(() => {})),
      reconnect: () => {},
    } as unknown as RedisLink;
    const shared = {
      join: () => () => {
        left += 1;
      },
      get: async () => link,
    };
    const place = { link: shared, keys: new RedisKeys('sse'), ttlMs: TTL, random: () => 0 };
    const wait = {
      signal: stopping.signal,
      onStandby: (name: string) => told.push(name),
      onTrouble: () => told.push('trouble'),
    };
    return new LeaseQueue(place, 'orders', wait).acquire();
  };

  it('is left for good when it is wanted no more: nothing keeps the process alive until its time is over', async () => {
    const refused = expect(acquire()).rejects.toThrow('stopping');
    await jest.advanceTimersByTimeAsync(1);
    stopping.abort(new Error('stopping'));
    await jest.advanceTimersByTimeAsync(RELEASE_TIMEOUT);
    await refused;
    expect([left, jest.getTimerCount()]).toEqual([1, 0]);
  });

  it('and so is the lease itself, in the middle of a renewal', async () => {
    isAnswering = true;
    const lease = await acquire();
    isAnswering = false;
    await jest.advanceTimersByTimeAsync(TTL / 3);
    const released = lease.release();
    await jest.advanceTimersByTimeAsync(RELEASE_TIMEOUT);
    await released;
    expect([left, jest.getTimerCount()]).toEqual([1, 0]);
  });

  it('tells who holds it once, and again after trouble: else nobody would hear that it is over', async () => {
    holder = 'there:1:token';
    isAnswering = true;
    const refused = expect(acquire()).rejects.toThrow('stopping');
    await jest.advanceTimersByTimeAsync(2 * TTL);
    isAnswering = false;
    await jest.advanceTimersByTimeAsync(2 * TTL);
    expect(told).toEqual(['there:1', 'trouble']);
    isAnswering = true;
    await jest.advanceTimersByTimeAsync(2 * TTL);
    expect([told.at(-1), told.filter((name) => name === 'there:1').length]).toEqual(['there:1', 2]);
    stopping.abort(new Error('stopping'));
    await jest.advanceTimersByTimeAsync(RELEASE_TIMEOUT);
    await refused;
  });
});
