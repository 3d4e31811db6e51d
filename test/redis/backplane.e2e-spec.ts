import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import type { SseBackplane } from '../../lib/index.js';
import { redisBackplane } from '../../lib/redis/index.js';
import { backplaneContract } from '../channel/backplane-contract.js';
import { describeWithRedis, redisUrl } from './support/redis-describe.js';

describeWithRedis('backplanes in Redis', () => {
  let url: string;
  let prefix: string;
  const members: SseBackplane[] = [];
  let ioredis: Redis;
  let nodeRedis: ReturnType<typeof createClient>;

  beforeAll(async () => {
    url = await redisUrl();
    ioredis = new Redis(url);
    nodeRedis = createClient({ url });
    await nodeRedis.connect();
  });

  afterAll(async () => {
    await reset();
    ioredis.disconnect();
    nodeRedis.destroy();
  });

  const reset = async () => {
    await Promise.all(members.splice(0).map(async (member) => member.stop()));
    prefix = `test:${randomUUID()}`;
  };

  const clients = [
    ['a url', () => ({ url })],
    ['a client of ioredis', () => ({ client: ioredis })],
    ['a client of redis', () => ({ client: nodeRedis })],
  ] as const;

  for (const [name, connection] of clients) {
    backplaneContract(`Redis with ${name}`, {
      members: 3,
      reset,
      join() {
        const member = redisBackplane({ ...connection(), prefix });
        members.push(member);
        return member;
      },
      async settled() {
        await Promise.all(members.map(async (member) => member.sync()));
      },
    });
  }
});
