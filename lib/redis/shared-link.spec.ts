import { EventEmitter } from 'node:events';
import { describe, expect, it, jest } from '@jest/globals';
import type { IoredisClient } from './ioredis-link.js';
import type { RedisLink } from './redis-link.js';
import { SharedLink } from './shared-link.js';

describe('a shared link', () => {
  const clientOf = () =>
    Object.assign(new EventEmitter(), {
      status: 'ready',
      options: {},
      call: async () => 'PONG',
      duplicate: () => {},
    }) as unknown as IoredisClient & EventEmitter;

  it('listens to a client once, however many are given it', async () => {
    const client = clientOf();
    const links = await Promise.all(Array.from({ length: 20 }, () => new SharedLink({ client }).get()));
    expect(new Set(links).size).toBe(1);
    expect([client.listenerCount('error'), client.listenerCount('ready')]).toEqual([1, 1]);
    expect(await new SharedLink({ client: clientOf() }).get()).not.toBe(links[0]);
  });

  it('leaves the link to a client alone when nobody uses it any more', async () => {
    const client = clientOf();
    const shared = new SharedLink({ client });
    const leave = shared.join();
    const link = await shared.get();
    leave();
    await new Promise(setImmediate);
    expect(client.listenerCount('ready')).toBe(1);
    expect(await shared.get()).toBe(link);
  });

  it('closes one of its own with its last user, and opens another one for the next', async () => {
    const close = jest.fn();
    const open = jest.fn(async () => ({ close }) as unknown as RedisLink);
    const shared = new SharedLink({ url: 'redis://127.0.0.1' }, open);
    const [first, second] = [shared.join(), shared.join()];
    await shared.get();
    first();
    await new Promise(setImmediate);
    expect([open.mock.calls.length, close.mock.calls.length]).toEqual([1, 0]);
    second();
    await new Promise(setImmediate);
    shared.join();
    await shared.get();
    expect([open.mock.calls.length, close.mock.calls.length]).toEqual([2, 1]);
  });
});
