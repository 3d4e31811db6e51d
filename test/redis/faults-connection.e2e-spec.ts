import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { numbers, publishNumbers } from './support/numbers.js';
import { describeWithOwnRedis } from './support/redis-describe.js';
import { RedisProxy } from './support/redis-proxy.js';
import { RedisServer } from './support/redis-server.js';
import { CONNECTIONS, RedisStage } from './support/redis-stage.js';

/** Everything but what a heartbeat and its deadline are made of. */
const REAL_TIME = ['performance', 'Date', 'setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask'] as const;

describeWithOwnRedis('a connection to Redis that breaks', () => {
  let server: RedisServer;
  let proxy: RedisProxy;
  /** Those whose connections are broken, and those who notice nothing. */
  let stage: RedisStage;
  let others: RedisStage;

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  beforeEach(async () => {
    await server.cli('FLUSHALL');
    proxy = await RedisProxy.start(server);
    stage = new RedisStage(proxy.url);
    others = new RedisStage(server.url);
  });

  afterEach(async () => {
    jest.useRealTimers();
    await stage.close();
    await others.close();
    await proxy.close();
  });

  describe.each(CONNECTIONS)('of an application with %s', (by) => {
    it('loses nothing and doubles nothing when Redis cuts all connections, again and again', async () => {
      const [near, far] = [await stage.join({ by }), await stage.join({ by })];
      const viewer = await stage.follow(near);
      const publishing = publishNumbers(far, 300);
      for (const at of [20, 80, 160, 240]) {
        await viewer.got(`${at}`);
        await server.cli('CLIENT', 'KILL', 'TYPE', 'normal');
        await server.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
      }
      await publishing;
      await viewer.got('299');
      await viewer.pinged();
      expect(viewer.told).toEqual(numbers(300));
    });

    it('places a message once whose answer was lost, and tells its publisher where', async () => {
      const [near, far] = [await stage.join({ by }), await stage.join({ by })];
      const viewer = await stage.follow(near);
      await publishNumbers(far, 2);
      const eaten = proxy.eatReply(({ args }) => args.some((arg) => arg.includes('data: 2\n')));
      const id = await far.channels.publish('a', '2');
      await eaten;
      await far.channels.publish('a', '3');
      await viewer.got('3');
      expect(viewer.told).toEqual(numbers(4));
      expect(viewer.stream.text).toContain(`id: ${id}\ndata: 2\n`);
    });

    it('brings all that was missed, in order, when only subscriptions were cut off', async () => {
      const [near, far] = [await stage.join({ by }), await others.join()];
      const viewer = await stage.follow(near, 'a,b');
      proxy.refuse();
      proxy.cut('pubsub');
      for (const text of numbers(40)) await far.channels.publish(Number(text) % 2 ? 'a' : 'b', text);
      await viewer.pinged();
      expect(viewer.told).toEqual([]);
      proxy.accept();
      await viewer.got('39');
      await far.channels.publish('a', '40');
      await viewer.got('40');
      expect(viewer.told).toEqual(numbers(41));
    });
  });

  it('is a gap when more was missed than is kept', async () => {
    const history = { history: { events: 10 } };
    const [near, far] = [await stage.join({ sse: history }), await others.join({ sse: history })];
    const viewer = await stage.follow(near);
    await far.channels.publish('a', 'before');
    await viewer.got('before');
    proxy.refuse();
    proxy.cut('pubsub');
    await publishNumbers(far, 30);
    proxy.accept();
    await viewer.got('29');
    expect(viewer.told).toEqual(['before', 'gap:expired', ...numbers(10, 20)]);
  });

  it('does not hold up who publishes when it is that of subscriptions', async () => {
    const near = await stage.join();
    const viewer = await stage.follow(near);
    proxy.refuse();
    proxy.cut('pubsub');
    await near.channels.publish('a', 'placed');
    expect(viewer.told).toEqual([]);
    proxy.accept();
    await viewer.got('placed');
  });

  it('is found out by the heartbeat when nothing comes over it and nobody says so', async () => {
    jest.useFakeTimers({ doNotFake: [...REAL_TIME], advanceTimers: true });
    const [near, far] = [await stage.join(), await others.join()];
    const viewer = await stage.follow(near);
    const dead = new Set(proxy.connections);
    proxy.hold((connection) => dead.has(connection) && connection.kind === 'pubsub');
    await publishNumbers(far, 3);
    await viewer.pinged();
    expect(viewer.told).toEqual([]);
    const asked = proxy.seen(({ args }) => args.some((arg) => arg.includes(':i:')));
    jest.advanceTimersByTime(10_000);
    await asked;
    jest.advanceTimersByTime(10_000);
    await viewer.got('2');
    expect(viewer.told).toEqual(numbers(3));
  });

  it('is none when only the scripts were flushed', async () => {
    const [near, far] = [await stage.join(), await stage.join()];
    const viewer = await stage.follow(near);
    for (const text of numbers(5)) {
      await server.cli('SCRIPT', 'FLUSH');
      await far.channels.publish('a', text);
    }
    await server.cli('SCRIPT', 'FLUSH');
    const replayed = await stage.follow(near, 'b', viewer.lastId);
    await viewer.got('4');
    expect([viewer.told, replayed.told]).toEqual([numbers(5), []]);
  });
});
