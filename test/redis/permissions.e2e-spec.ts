import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { redisCursorStore, redisLeases, redisTicketStore } from '../../lib/redis/index.js';
import { blocksOf } from '../docs/support/pages.js';
import { describeWithOwnRedis } from './support/redis-describe.js';
import { RedisServer } from './support/redis-server.js';
import { CONNECTIONS, type ConnectionBy, RedisStage } from './support/redis-stage.js';

/** The line of the page, as its words. */
function documentedUser(): [string, ...string[]] {
  const [block] = blocksOf('docs/production/redis.md', 'acl');
  return block!.replaceAll('\\\n', ' ').trim().split(/\s+/) as [string, ...string[]];
}

/** All that an application asks of its Redis. */
async function useAll(server: RedisServer, stage: RedisStage, by: ConnectionBy): Promise<void> {
  const [near, far] = [await stage.join({ by }), await stage.join({ by })];
  const viewer = await stage.follow(near, 'a,b');
  await far.channels.publish('a', '1');
  await viewer.got('1');
  await server.cli('SCRIPT', 'FLUSH');
  for (const type of ['normal', 'pubsub']) await server.cli('CLIENT', 'KILL', 'TYPE', type);
  await far.channels.publish('a', '2');
  await viewer.got('2');
  await stage.follow(far, 'a', viewer.lastId);
  await far.channels.close('b', { final: '3', tombstoneMs: 0 });
  await viewer.got('3');
  await far.channels.publish('b', '4');
  expect(viewer.told).toEqual(['1', '2', '3']);
}

async function followSource(url: string): Promise<void> {
  const store = redisCursorStore({ url });
  const { fence } = await store.load('orders');
  await store.save('orders', '1', fence);
  store.release?.('orders');
  const { signal } = new AbortController();
  const fail = (reason: unknown) => {
    throw new Error(`The lease is not free: ${reason}`);
  };
  const lease = await redisLeases({ url, ttlMs: 300 }).acquire('orders', { signal, onStandby: fail, onTrouble: fail });
  await lease.release();
}

async function useTickets(url: string): Promise<void> {
  const store = redisTicketStore({ url });
  await store.put('a', 'x', 60_000);
  expect([await store.get('a'), await store.take('a'), await store.take('a')]).toEqual(['x', 'x', undefined]);
  await store.close?.();
}

/** What clients were not allowed. They try to say who they are, and do without. */
async function deniedBy(server: RedisServer): Promise<string[]> {
  const denied = (await server.cli('ACL', 'LOG')).matchAll(/^object\n(.*)$/gm);
  return [...denied].map(([, object]) => object!).filter((object) => object !== 'client|setinfo');
}

describeWithOwnRedis('a Redis with users', () => {
  let server: RedisServer;
  let stage: RedisStage;

  afterEach(async () => {
    await stage.close();
    await server.remove();
  });

  describe.each(CONNECTIONS)('needs to let an application with %s', (by) => {
    beforeEach(async () => {
      server = await RedisServer.start();
      const url = new URL(server.url);
      url.username = 'events';
      url.password = 'secret';
      stage = new RedisStage(url.href);
    });

    it('do what the page on it says, and no more', async () => {
      await server.cli(...documentedUser());
      await useAll(server, stage, by);
      await followSource(stage.url);
      await useTickets(stage.url);
      await stage.close();
      expect(await deniedBy(server)).toEqual([]);
    });
  });

  it.each(['ioredis', 'node-redis'] as const)('may speak TLS to a client of %s', async (by) => {
    server = await RedisServer.start({ tls: true });
    stage = new RedisStage(server.url, server.ca);
    await useAll(server, stage, by);
  });

  it('says why an application may not come in', async () => {
    server = await RedisServer.start({ password: 'secret' });
    stage = new RedisStage(server.url.replace('secret', 'wrong'));
    await expect(stage.join({ requestTimeoutMs: 300 })).rejects.toMatchObject({
      code: 'SSE_BACKPLANE',
      message: expect.stringMatching(/WRONGPASS|NOAUTH/),
    });
  });
});
