import { Redis, type RedisOptions } from 'ioredis';
import type { RedisProxy } from './redis-proxy.js';

/** Ends with its connection: what is lost stays lost. */
export const FRAGILE: RedisOptions = { retryStrategy: () => null };

/** Connects again at once, and sends again what had no answer. */
export const STUBBORN: RedisOptions = { retryStrategy: () => 1, maxRetriesPerRequest: null };

/** Clients of a proxy, which may lose their connections at any time. */
export class ProxiedClients {
  private readonly clients = new Set<Redis>();

  constructor(private readonly proxy: RedisProxy) {}

  connect(options: RedisOptions = FRAGILE): Redis {
    // Where the connection is gone already, disconnecting would else keep Jest waiting for two seconds.
    const client = new Redis(this.proxy.url, { disconnectTimeout: 1, ...options });
    client.on('error', () => {});
    this.clients.add(client);
    return client;
  }

  async subscribe(channel: string, options: RedisOptions = FRAGILE): Promise<Redis> {
    const subscriber = this.connect(options);
    await subscriber.subscribe(channel);
    return subscriber;
  }

  close(): void {
    for (const client of this.clients) client.disconnect();
  }
}

/** Resolves when its connection has ended, whatever it says about that: `once()` of `node:events` would throw it. */
export function closed(client: Redis): Promise<void> {
  return new Promise((resolve) => client.once('close', resolve));
}
