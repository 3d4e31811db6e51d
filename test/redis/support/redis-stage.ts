import { once } from 'node:events';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import type { SseBackplane, SseModuleOptions } from '../../../lib/index.js';
import { redisBackplane } from '../../../lib/redis/index.js';
import type { RedisBackplaneOptions } from '../../../lib/redis/redis-backplane-options.js';
import { type ChannelApp, startChannelApp } from '../../channel/support/channel-app.js';
import { Viewer } from './viewer.js';

/** By which an application may come to its Redis. */
export const CONNECTIONS = ['url', 'ioredis', 'node-redis'] as const;

export type ConnectionBy = (typeof CONNECTIONS)[number];

export interface MemberParts extends Omit<RedisBackplaneOptions, 'url'> {
  /** `url` unless told, or unless there is a client. */
  readonly by?: ConnectionBy;
  readonly sse?: SseModuleOptions;
}

export interface Member extends ChannelApp {
  readonly backplane: SseBackplane;
}

/** Applications that share a Redis, and those who watch their streams. A test breaks the Redis. */
export class RedisStage {
  readonly #closing: (() => unknown)[] = [];

  /** @param ca the certificate to trust, where Redis speaks TLS */
  constructor(
    readonly url: string,
    private readonly ca?: Buffer,
  ) {}

  /** One more application. Its streams ping ten times a second. */
  async join({ by = 'url', client, sse, ...options }: MemberParts = {}): Promise<Member> {
    const connection = client ? { client } : await this.#connection(by);
    const backplane = redisBackplane({ ...connection, ...options });
    const app = await startChannelApp('fastify', { sse: { pingMs: 100, ...sse, backplane } });
    this.#closing.unshift(() => app.close());
    return { ...app, backplane };
  }

  /** A stream that is open and follows its channels. */
  async follow(member: Member, names = 'a', lastEventId?: string): Promise<Viewer> {
    const viewer = new Viewer(await member.open(names, lastEventId));
    await viewer.stream.untilText('id: ');
    return viewer;
  }

  async ioredis(): Promise<Redis> {
    const client = new Redis(this.url, {
      retryStrategy: () => 20,
      maxRetriesPerRequest: null,
      ...(this.ca && { tls: { ca: this.ca } }),
    });
    client.on('error', () => {});
    this.#closing.push(() => client.disconnect());
    await once(client, 'ready');
    return client;
  }

  async nodeRedis() {
    const tls = this.ca && { tls: true as const, ca: this.ca };
    const client = createClient({ url: this.url, socket: { reconnectStrategy: () => 20, ...tls } });
    client.on('error', () => {});
    this.#closing.push(() => client.destroy());
    await client.connect();
    return client;
  }

  async close(): Promise<void> {
    for (const close of this.#closing.splice(0)) {
      await close();
    }
  }

  async #connection(by: ConnectionBy): Promise<Pick<RedisBackplaneOptions, 'url' | 'client'>> {
    if (by === 'url') {
      return { url: this.url };
    }
    return { client: by === 'ioredis' ? await this.ioredis() : await this.nodeRedis() };
  }
}
