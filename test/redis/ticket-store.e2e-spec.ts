import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { redisTicketStore } from '../../lib/redis/redis-ticket-store.js';
import { ticketStoreContract } from '../access/ticket-store-contract.js';
import { describeWithOwnRedis } from './support/redis-describe.js';
import { RedisServer } from './support/redis-server.js';

describeWithOwnRedis('redisTicketStore()', () => {
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

  afterAll(() => {
    ioredis.disconnect();
    nodeRedis.destroy();
  });

  const reset = async () => {
    await server.cli('FLUSHALL');
  };

  beforeEach(reset);

  ticketStoreContract('redisTicketStore() on ioredis', { reset, open: () => redisTicketStore({ client: ioredis }) });
  ticketStoreContract('redisTicketStore() on redis', { reset, open: () => redisTicketStore({ client: nodeRedis }) });

  it('keeps each under a key of its own that expires, and those of another prefix apart', async () => {
    await redisTicketStore({ client: ioredis }).put('ticket:x', 'one', 60_000);
    expect(await server.cli('KEYS', '*')).toBe('{sse}:t:ticket:x');
    const left = Number(await server.cli('PTTL', '{sse}:t:ticket:x'));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(60_000);
    expect(await redisTicketStore({ client: ioredis, prefix: 'b' }).take('ticket:x')).toBeUndefined();
    await redisTicketStore({ client: ioredis }).take('ticket:x');
    expect(await server.cli('DBSIZE')).toBe('0');
  });

  it('goes on after SCRIPT FLUSH', async () => {
    const store = redisTicketStore({ client: nodeRedis });
    await store.put('a', 'one', 60_000);
    await server.cli('SCRIPT', 'FLUSH');
    expect(await store.get('a')).toBe('one');
    expect(await store.take('a')).toBe('one');
  });

  it('fails, and never says that there is none, when Redis does not answer or what is there is no text', async () => {
    const impatient = redisTicketStore({ url: server.url, timeoutMs: 200 });
    await impatient.put('a', 'one', 60_000);
    await server.cli('CLIENT', 'PAUSE', '1000', 'ALL');
    await expect(impatient.take('a')).rejects.toThrow('Redis gave no answer within 200 ms');
    await impatient.close?.();
    const patient = redisTicketStore({ url: server.url });
    await server.cli('HSET', '{sse}:t:b', 'x', 'y');
    await expect(patient.get('b')).rejects.toThrow(/WRONGTYPE/);
    await patient.close?.();
  });

  it('fails while Redis is away, and works again by itself', async () => {
    const store = redisTicketStore({ url: server.url, timeoutMs: 200 });
    await store.put('a', 'one', 60_000);
    await server.stop();
    await expect(store.get('a')).rejects.toThrow(/200 ms|onnection/);
    await server.run();
    const again = redisTicketStore({ url: server.url });
    expect(await again.get('a')).toBe('one');
    await store.close?.();
    await again.close?.();
  });

  it('has one connection by url until it is closed', async () => {
    const quiet = await RedisServer.start();
    const store = redisTicketStore({ url: quiet.url });
    expect(await connectionsOf(quiet)).toBe(0);
    for (let n = 0; n < 5; n++) await store.put(`${n}`, 'x', 60_000);
    expect(await connectionsOf(quiet)).toBe(1);
    await store.close?.();
    while ((await connectionsOf(quiet)) > 0);
    // A request may outlive the application.
    expect(await store.take('1')).toBe('x');
    while ((await connectionsOf(quiet)) > 0);
  });

  it('names everything that is wrong with its options', () => {
    const options = { url: 'http://localhost', prefix: '{a}', timeoutMs: 0, ttl: 1 } as never;
    expect(() => redisTicketStore(options)).toThrow(/'url' .*'prefix' .*'timeoutMs' .*'ttl' is not an option/);
    expect(() => redisTicketStore({})).toThrow(/'url' is missing/);
    expect(() => redisTicketStore({ url: server.url, client: ioredis })).toThrow(/'client' cannot be given together/);
  });
});

/** Without those of this very question. */
async function connectionsOf(server: RedisServer): Promise<number> {
  const list = await server.cli('CLIENT', 'LIST');
  return list.split('\n').filter((line) => /cmd=(?!client\|list)/.test(line)).length;
}
