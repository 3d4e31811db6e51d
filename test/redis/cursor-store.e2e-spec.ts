import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { redisCursorStore } from '../../lib/redis/redis-cursor-store.js';
import { cursorStoreContract } from '../receiver/cursor-store-contract.js';
import { describeWithOwnRedis } from './support/redis-describe.js';
import { RedisServer } from './support/redis-server.js';

describeWithOwnRedis('redisCursorStore()', () => {
  let server: RedisServer;
  let ioredis: Redis;
  let nodeRedis: ReturnType<typeof createClient>;

  beforeAll(async () => {
    server = await RedisServer.start();
    ioredis = new Redis(server.url);
    nodeRedis = createClient({ url: server.url });
    for (const client of [ioredis, nodeRedis]) client.on('error', () => {});
    await nodeRedis.connect();
  });

  afterAll(async () => {
    ioredis.disconnect();
    nodeRedis.destroy();
  });

  const reset = async () => {
    await server.cli('FLUSHALL');
  };

  beforeEach(reset);

  cursorStoreContract('redisCursorStore() on ioredis', { reset, open: () => redisCursorStore({ client: ioredis }) });
  cursorStoreContract('redisCursorStore() on redis', { reset, open: () => redisCursorStore({ client: nodeRedis }) });

  const KEY = '{sse}:s:billing';
  const store = () => redisCursorStore({ client: ioredis });

  it('keeps a cursor without end, and those of another prefix apart', async () => {
    const { fence } = await store().load('billing');
    await store().save('billing', '1', fence);
    expect(await server.cli('PTTL', KEY)).toBe('-1');
    expect(await redisCursorStore({ client: ioredis, prefix: 'b' }).load('billing')).not.toHaveProperty('lastEventId');
  });

  it('refuses whom it gave a fence before Redis lost everything, once somebody else has loaded', async () => {
    const before = await store().load('billing');
    await reset();
    const after = await store().load('billing');
    expect(after.fence).toBeGreaterThan(before.fence);
    await expect(store().save('billing', 'old', before.fence)).rejects.toMatchObject({ reason: 'fenced' });
  });

  it('gives a greater fence also where the clock of Redis was set back', async () => {
    await server.cli('HSET', KEY, 'fence', '9007199254740000');
    expect((await store().load('billing')).fence).toBe(9_007_199_254_740_001);
  });

  it('takes from the holder again what Redis has lost', async () => {
    const former = await store().load('billing');
    const { fence } = await store().load('billing');
    await reset();
    await store().save('billing', 'old', former.fence);
    await store().save('billing', '7', fence);
    await expect(store().save('billing', 'old', former.fence)).rejects.toMatchObject({ reason: 'fenced' });
    expect((await store().load('billing')).lastEventId).toBe('7');
  });

  it.each<[string, [string, ...string[]]]>([
    ['another type', ['SET', KEY, 'x']],
    ['a fence that is no number', ['HSET', KEY, 'fence', 'x']],
    ['a fence that no number of JavaScript can be', ['HSET', KEY, 'fence', '9007199254740993']],
    ['an id that was not saved like this', ['HSET', KEY, 'fence', '1', 'id', '\\x']],
  ])('says that what is stored cannot be read: %s', async (_what, command) => {
    await server.cli(...command);
    await expect(store().load('billing')).rejects.toMatchObject({
      code: 'SSE_CURSOR',
      reason: 'unreadable',
      source: 'billing',
      message: expect.stringContaining('{sse}:s:billing'),
    });
  });

  it('refuses to save over what cannot be read', async () => {
    await server.cli('SET', KEY, 'x');
    await expect(store().save('billing', '1', 1)).rejects.toMatchObject({ reason: 'unreadable' });
    expect(await server.cli('GET', KEY)).toBe('x');
  });

  it('fails when Redis does not answer in time, and works again when it does', async () => {
    const impatient = redisCursorStore({ url: server.url, timeoutMs: 200 });
    const { fence } = await impatient.load('billing');
    await server.cli('CLIENT', 'PAUSE', '2000', 'ALL');
    await expect(impatient.save('billing', '1', fence)).rejects.toMatchObject({
      reason: 'unavailable',
      cause: { message: 'Redis gave no answer within 200 ms' },
    });
    const patient = redisCursorStore({ url: server.url });
    await patient.save('billing', '2', fence);
    expect((await patient.load('billing')).lastEventId).toBe('2');
    impatient.release?.('billing');
    patient.release?.('billing');
  });

  it('fails while Redis is away, and works again by itself', async () => {
    const own = redisCursorStore({ url: server.url, timeoutMs: 200 });
    const { fence } = await own.load('billing');
    await server.stop();
    await expect(own.save('billing', '1', fence)).rejects.toMatchObject({ reason: 'unavailable' });
    await server.run();
    const again = redisCursorStore({ url: server.url });
    await again.save('billing', '2', fence);
    expect((await again.load('billing')).lastEventId).toBe('2');
    own.release?.('billing');
    again.release?.('billing');
  });

  it('has a connection by url for as long as a source is followed, and no longer', async () => {
    const quiet = await RedisServer.start();
    const named = redisCursorStore({ url: quiet.url });
    await named.load('a');
    const { fence } = await named.load('b');
    named.release?.('a');
    await named.save('b', '1', fence);
    expect(await connectionsOf(quiet)).toBe(1);
    named.release?.('b');
    await untilDeserted(quiet);
    // A handler may finish after its source was closed.
    await named.save('b', '2', fence);
    await untilDeserted(quiet);
    expect(await quiet.cli('HGET', '{sse}:s:b', 'id')).toBe('2');
  });

  it('names everything that is wrong with its options', () => {
    const options = { url: 'http://localhost', prefix: '{a}', timeoutMs: 0, ttl: 1 } as never;
    expect(() => redisCursorStore(options)).toThrow(/'url' .*'prefix' .*'timeoutMs' .*'ttl' is not an option/);
    expect(() => redisCursorStore({})).toThrow(/'url' is missing/);
    expect(() => redisCursorStore({ url: server.url, client: ioredis })).toThrow(/'client' cannot be given together/);
  });
});

/** Without those of this very question. */
async function connectionsOf(server: RedisServer): Promise<number> {
  const list = await server.cli('CLIENT', 'LIST');
  return list.split('\n').filter((line) => /cmd=(?!client\|list)/.test(line)).length;
}

/** Asks again and again: that a connection has ended is told to nobody. */
async function untilDeserted(server: RedisServer): Promise<void> {
  while ((await connectionsOf(server)) > 0);
}
