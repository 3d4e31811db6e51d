import { describe, expect, it } from '@jest/globals';
import { heapInUse } from '../../test/pusher/support/collect-garbage.js';
import type { ManagedStream } from '../pusher/internal.js';
import { KeyCount } from './key-count.js';

const streamOf = (keys: Record<string, string>) => ({ info: { keys } }) as unknown as ManagedStream;

describe('KeyCount', () => {
  it('is full for a value that as many streams have as may have it, and for no other', () => {
    const count = new KeyCount('user', 2);
    const [first, second] = [streamOf({ user: 'ann' }), streamOf({ user: 'ann' })];
    count.created(first);
    expect(count.isFull({ user: 'ann' })).toBe(false);
    count.created(second);
    expect(count.isFull({ user: 'ann' })).toBe(true);
    expect(count.isFull({ user: 'bob' })).toBe(false);
    expect(count.isFull({ tenant: 'ann' })).toBe(false);
    count.gone(first);
    expect(count.isFull({ user: 'ann' })).toBe(false);
    count.gone(second);
    count.created(streamOf({ user: 'ann' }));
    expect(count.isFull({ user: 'ann' })).toBe(false);
  });

  it('takes what objects inherit for no key of a stream', () => {
    const count = new KeyCount('constructor', 1);
    for (let n = 0; n < 3; n++) {
      count.created(streamOf({}));
    }
    expect(count.isFull({})).toBe(false);
  });

  it('keeps nothing of users who have left', async () => {
    const count = new KeyCount('user', 1);
    const before = await heapInUse();
    for (let n = 0; n < 200_000; n++) {
      const stream = streamOf({ user: `user ${n}` });
      count.created(stream);
      count.gone(stream);
    }
    expect((await heapInUse()) - before).toBeLessThan(5e6);
    // Still in use, so that what it keeps was not collected with it.
    expect(count.isFull({ user: 'user 1' })).toBe(false);
  });
});
