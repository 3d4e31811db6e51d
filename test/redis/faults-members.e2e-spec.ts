import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { CompiledApps } from '../pusher/support/compiled-app.js';
import { numbers, publishNumbers } from './support/numbers.js';
import { describeWithOwnRedis } from './support/redis-describe.js';
import { RedisProxy } from './support/redis-proxy.js';
import { RedisServer } from './support/redis-server.js';
import { CONNECTIONS, RedisStage } from './support/redis-stage.js';

/** Publishes 10 numbers at a time, for ever, and prints those that are placed. */
const publisher = (url: string) => `
  import 'reflect-metadata';
  import { Module } from '@nestjs/common';
  import { NestFactory } from '@nestjs/core';
  import { SseChannels, SseModule } from './lib/index.js';
  import { redisBackplane } from './lib/redis/index.js';

  @Module({ imports: [SseModule.forRoot({ backplane: redisBackplane({ url: '${url}' }) })] })
  class AppModule {}

  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const channels = app.get(SseChannels);
  for (let n = 0; ; n += 10) {
    const placed = Array.from({ length: 10 }, (_, more) => channels.publish('a', String(n + more)));
    await Promise.all(placed);
    process.stdout.write(n + 9 + '\\n');
  }
`;

describeWithOwnRedis('applications that come and go', () => {
  let server: RedisServer;
  let stage: RedisStage;
  let apps: CompiledApps;

  beforeAll(async () => {
    apps = await CompiledApps.build();
    server = await RedisServer.start();
  });

  beforeEach(async () => {
    await server.cli('FLUSHALL');
    stage = new RedisStage(server.url);
  });

  afterEach(() => stage.close());

  afterAll(() => apps.remove());

  it('lose nothing of what was placed when one is killed while it publishes, and leave nothing for ever', async () => {
    const near = await stage.join();
    const viewer = await stage.follow(near);
    const app = await apps.start('publisher', publisher(server.url));
    await viewer.got('500');
    app.signal('SIGKILL');
    await app.untilExit();
    await near.channels.publish('a', 'end');
    await viewer.got('end');
    const placed = Number(app.output.trim().split('\n').at(-1)) + 1;
    expect(viewer.data.length - 1).toBeGreaterThanOrEqual(placed);
    expect(viewer.told).toEqual([...numbers(viewer.data.length - 1), 'end']);
    for (const key of (await server.cli('KEYS', '*')).split('\n')) {
      const isForAll = key === '{sse}:state' || key === '{sse}:marks';
      expect([key, Number(await server.cli('PTTL', key)) > 0]).toEqual([key, !isForAll]);
    }
  });

  it('go on where others have brought a client, in the middle of what is published', async () => {
    const [near, far] = [await stage.join(), await stage.join()];
    const viewer = await stage.follow(near);
    const publishing = publishNumbers(far, 300);
    await viewer.got('100');
    const joined = await stage.join();
    const [seen, id] = [viewer.data.length, viewer.lastId];
    const moved = await stage.follow(joined, 'a', id);
    await publishing;
    await moved.got('299');
    expect(moved.told).toEqual(numbers(300 - seen, seen));
  });

  it('take the position of another one as it is, even while they have not heard of it yet', async () => {
    const proxy = await RedisProxy.start(server);
    const behind = new RedisStage(proxy.url);
    const [near, far] = [await stage.join(), await behind.join()];
    const viewer = await stage.follow(near);
    await behind.follow(far, 'a');
    proxy.hold('pubsub', 'replies');
    await publishNumbers(near, 3);
    await viewer.got('2');
    const asked = proxy.seen(({ args }) => args.some((arg) => arg.includes(':i:')));
    const moving = behind.follow(far, 'a', viewer.lastId);
    await asked;
    proxy.release();
    const moved = await moving;
    await near.channels.publish('a', '3');
    await moved.got('3');
    expect(moved.told).toEqual(['3']);
    await behind.close();
    await proxy.close();
  });

  it('with different prefixes do not see each other', async () => {
    const [one, other] = [await stage.join({ prefix: 'one' }), await stage.join({ prefix: 'other' })];
    const viewers = [await stage.follow(one), await stage.follow(other)] as const;
    await one.channels.publish('a', 'of one');
    await other.channels.publish('a', 'of the other');
    await viewers[0].got('of one');
    await viewers[1].got('of the other');
    await one.backplane.sync();
    await other.backplane.sync();
    expect(viewers.map(({ told }) => told)).toEqual([['of one'], ['of the other']]);
    const moved = await stage.follow(other, 'a', viewers[0].lastId);
    expect(moved.gaps).toEqual(['foreign']);
  });

  it.each(CONNECTIONS)('with %s leave no subscription and no listener for channels that are over', async (by) => {
    const member = await stage.join({ by });
    const followers = Array.from({ length: 20 }, (_, loop) => {
      const names = Array.from({ length: 100 }, (_, n) => `${loop}:${n}`);
      return { first: names[0]!, messages: member.channels.subscribe(names, { replay: 1 })[Symbol.asyncIterator]() };
    });
    await Promise.all(
      followers.map(async ({ first, messages }) => {
        const next = messages.next();
        await member.channels.publish(first, 'x');
        await next;
        await messages.return?.();
      }),
    );
    await untilPrinted(server, ['PUBSUB', 'CHANNELS', '{sse}:c:*'], '');
    expect(member.channels.localStats()).toEqual([]);
    await member.close();
    await untilPrinted(server, ['PUBSUB', 'CHANNELS'], '');
  });

  it('leave a client alone that they were given', async () => {
    const [ioredis, nodeRedis] = [await stage.ioredis(), await stage.nodeRedis()];
    const clients = [ioredis, nodeRedis];
    const listenersOf = () => clients.map((client) => client.eventNames().map((name) => client.listenerCount(name)));
    const before = listenersOf();
    for (const client of clients) {
      const member = await stage.join({ client });
      await stage.follow(member);
      await member.channels.publish('a', 'x');
      await member.close();
    }
    expect([await ioredis.ping(), await nodeRedis.ping()]).toEqual(['PONG', 'PONG']);
    expect(listenersOf()).toEqual(before);
  });
});

/** Asks again and again: that a connection has ended is told to nobody. */
async function untilPrinted(server: RedisServer, command: [string, ...string[]], expected: string): Promise<void> {
  while ((await server.cli(...command)) !== expected);
}
