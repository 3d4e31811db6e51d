import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import type { BackplaneReceiver, SseBackplane } from '../../lib/index.js';
import { redisBackplane } from '../../lib/redis/index.js';
import type { RedisBackplaneOptions } from '../../lib/redis/redis-backplane-options.js';
import { describeWithOwnRedis } from './support/redis-describe.js';
import { RedisProxy } from './support/redis-proxy.js';
import { RedisServer } from './support/redis-server.js';

const AGE_MS = 60_000;
const HISTORY = { limitsOf: () => ({ events: 1000, bytes: 1024 * 1024, ageMs: AGE_MS }) };

class Told implements BackplaneReceiver {
  readonly all: string[] = [];
  #wanted = new Map<string, () => void>();

  async got(what: string): Promise<void> {
    if (!this.all.includes(what)) {
      await new Promise<void>((resolve) => this.#wanted.set(what, resolve));
    }
  }

  deliver({ channel, body }: { channel: string; body: string }): void {
    this.#tell(`${channel}:${body.slice(6, -2)}`);
  }

  closed(channel: string): void {
    this.#tell(`${channel} closed`);
  }

  advanced(): void {}

  lost(channel: string): void {
    this.#tell(`${channel} lost`);
  }

  ruptured(): void {
    this.#tell('ruptured');
  }

  #tell(what: string): void {
    this.all.push(what);
    this.#wanted.get(what)?.();
  }
}

const message = (channel: string, text: string) => ({ channel, body: `data: ${text}\n\n`, key: undefined });

describeWithOwnRedis('what follows a log in Redis', () => {
  let server: RedisServer;
  let proxy: RedisProxy;
  let prefix: string;
  let ending: (() => unknown)[];

  beforeEach(async () => {
    server = await RedisServer.start();
    proxy = await RedisProxy.start(server);
    prefix = randomUUID();
    ending = [];
  });

  afterEach(async () => {
    proxy.release();
    for (const end of ending.reverse()) await end();
    await proxy.close();
    await server.remove();
  });

  const join = async (options: RedisBackplaneOptions): Promise<{ backplane: SseBackplane; told: Told }> => {
    const backplane = redisBackplane({ prefix, ...options });
    const told = new Told();
    await backplane.start(told, HISTORY);
    ending.push(() => backplane.stop());
    told.all.length = 0;
    return { backplane, told };
  };

  const nodeRedis = async () => {
    const client = createClient({
      url: proxy.url,
      commandOptions: { timeout: 600_000 },
      socket: { reconnectStrategy: () => 20 },
    });
    client.on('error', () => {});
    await client.connect();
    ending.push(() => client.isOpen && client.destroy());
    return client;
  };

  it('is not muted by a log that is emptied soon after a restart, whoever comes first then', async () => {
    const { backplane, told } = await join({ url: server.url });
    await backplane.open('a', AGE_MS);
    await backplane.publish(message('a', '1'));
    await server.restart();
    const before = await backplane.publish(message('a', '2'));
    await told.got('a:2');
    await backplane.sync();
    await server.cli('FLUSHALL');
    const stranger = await join({ url: server.url });
    expect(await stranger.backplane.publish(message('a', '3'))).toBeGreaterThan(before);
    await told.got('a:3');
    expect(told.all.slice(3)).toContain('ruptured');
    expect(told.all.at(-1)).toBe('a:3');
  });

  it('tells of each end of a channel, though nothing was published between two of them', async () => {
    const { backplane, told } = await join({ url: server.url });
    await backplane.open('a', AGE_MS);
    await backplane.publish(message('a', '1'));
    const first = await backplane.close('a', 0);
    const second = await backplane.close('a', 0);
    await backplane.sync();
    expect(told.all).toEqual(['a:1', 'a closed', 'a closed']);
    expect(second).toBeGreaterThan(first);
    await backplane.publish(message('a', '2'));
    expect(told.all.at(-1)).toBe('a:2');
  });

  it('tells once of an end that came while it was cut off', async () => {
    const { backplane, told } = await join({ url: proxy.url });
    const other = await join({ url: server.url });
    await backplane.open('a', AGE_MS);
    await backplane.close('a', 0);
    proxy.refuse();
    proxy.cut();
    await other.backplane.close('a', 60_000);
    proxy.accept();
    await backplane.sync();
    expect(told.all).toEqual(['a closed', 'a closed']);
  });

  it('is told of no loss when a channel has ended and begun again meanwhile, with nothing in between', async () => {
    const { backplane, told } = await join({ url: proxy.url });
    const other = await join({ url: server.url });
    await backplane.open('a', AGE_MS);
    await backplane.publish(message('a', '1'));
    await backplane.close('a', 0);
    proxy.refuse();
    proxy.cut();
    await other.backplane.close('a', 0);
    await other.backplane.publish(message('a', '2'));
    proxy.accept();
    await backplane.sync();
    expect(told.all).toEqual(['a:1', 'a closed', 'a:2']);
  });

  it.each(['url', 'ioredis', 'redis'])(
    'delivers to who lets go of a channel and opens it again at once, by %s',
    async (by) => {
      const client = by === 'redis' ? await nodeRedis() : new Redis(server.url);
      ending.push(() => client instanceof Redis && client.disconnect());
      const { backplane, told } = await join(by === 'url' ? { url: server.url } : { client });
      await backplane.open('a', AGE_MS);
      for (let n = 0; n < 20; n++) {
        const released = backplane.release('a');
        const opened = backplane.open('a', AGE_MS);
        await Promise.all([released, opened]);
        await backplane.publish(message('a', `${n}`));
      }
      await backplane.sync();
      expect(told.all).toEqual(Array.from({ length: 20 }, (_, n) => `a:${n}`));
    },
  );

  it('leaves nobody muted who opens a channel while an earlier attempt at it fails', async () => {
    const { backplane, told } = await join({ url: proxy.url, requestTimeoutMs: 600 });
    await backplane.open('other', AGE_MS);
    const hasty = await join({ url: proxy.url, requestTimeoutMs: 200 });
    proxy.hold('command', 'requests');
    const first = expect(backplane.open('a', AGE_MS)).rejects.toMatchObject({ code: 'SSE_BACKPLANE' });
    await expect(hasty.backplane.open('a', AGE_MS)).rejects.toMatchObject({ code: 'SSE_BACKPLANE' });
    await backplane.release('a');
    const second = backplane.open('a', AGE_MS);
    await first;
    proxy.release();
    await second;
    await backplane.publish(message('a', '1'));
    await backplane.sync();
    expect(told.all).toEqual(['a:1']);
  });

  it('refuses a channel in time while a client of redis has no connection', async () => {
    const { backplane } = await join({ client: await nodeRedis(), requestTimeoutMs: 300 });
    await backplane.open('other', AGE_MS);
    proxy.refuse();
    proxy.cut();
    await expect(backplane.open('a', AGE_MS)).rejects.toMatchObject({ reason: 'unreachable' });
    proxy.accept();
  });

  it('settles what is pending when it stops', async () => {
    const { backplane } = await join({ url: proxy.url, requestTimeoutMs: 600_000 });
    await backplane.open('a', AGE_MS);
    proxy.refuse();
    proxy.cut();
    const pending = [backplane.open('b', AGE_MS), backplane.sync(), backplane.open('a', AGE_MS)];
    const refused = pending.map((each) => expect(each).rejects.toMatchObject({ reason: 'stopped' }));
    await backplane.stop();
    await Promise.all(refused);
  });

  it('lets a publish settle that waits for its own message, when the channel is let go of', async () => {
    const { backplane } = await join({ url: proxy.url });
    await backplane.open('a', AGE_MS);
    proxy.hold('pubsub');
    const published = backplane.publish(message('a', '1'));
    await backplane.publish(message('followed by nobody', '1'));
    const released = backplane.release('a');
    await published;
    proxy.release();
    await released;
  });

  it('is not muted by an error of a client of redis whose connection stands', async () => {
    const client = await nodeRedis();
    const made: (typeof client)[] = [];
    const duplicate = client.duplicate.bind(client);
    client.duplicate = ((...args: Parameters<typeof duplicate>) => {
      const copy = duplicate(...args);
      made.push(copy as never);
      return copy;
    }) as typeof client.duplicate;
    const { backplane, told } = await join({ client });
    await backplane.open('a', AGE_MS);
    made[0]!.emit('error', new Error('a ping failed'));
    await backplane.publish(message('a', '1'));
    await told.got('a:1');
    expect(told.all).toEqual(['a:1']);
  });
});
