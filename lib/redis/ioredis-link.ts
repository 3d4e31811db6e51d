import type { EventEmitter } from 'node:events';
import { Readiness } from './readiness.js';
import type { RedisLink, RedisSubscriber, RedisSubscriberEvents } from './redis-link.js';

/** What is used of a client of `ioredis`. */
export interface IoredisClient {
  readonly status: string;
  readonly options: { readonly keyPrefix?: string | undefined };
  call(command: string, ...args: string[]): Promise<unknown>;
  subscribe(...topics: string[]): Promise<unknown>;
  unsubscribe(...topics: string[]): Promise<unknown>;
  duplicate(override?: Record<string, unknown>): IoredisClient;
  disconnect(reconnect?: boolean): void;
  on(event: string, listener: (...args: any[]) => void): unknown;
}

/**
 * Times in milliseconds. A connection that cannot be made is tried again and again, at most two seconds apart. A command fails
 * with its connection (`maxRetriesPerRequest`): what is neither sent again nor failed would never settle.
 */
const CONNECTION = {
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  connectTimeout: 5000,
  // Else a connection that is closed while it is being made keeps the process alive for two seconds.
  disconnectTimeout: 100,
  enableOfflineQueue: false,
  lazyConnect: false,
  maxRetriesPerRequest: 0,
  retryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 6), 2000),
};

/** Makes a client of its own. `ioredis` is loaded only here. */
export async function connectIoredis(url: string): Promise<RedisLink> {
  const { Redis } = await import('ioredis');
  return new IoredisLink(new Redis(url, CONNECTION) as unknown as IoredisClient, true);
}

/** Redis through `ioredis`. */
export class IoredisLink implements RedisLink {
  readonly #client: IoredisClient;
  readonly #isOurs: boolean;
  readonly #readiness: Readiness;

  constructor(client: IoredisClient, isOurs: boolean) {
    this.#client = client;
    this.#isOurs = isOurs;
    this.#readiness = new Readiness(client as unknown as EventEmitter);
  }

  get isReady(): boolean {
    return this.#client.status === 'ready';
  }

  async whenReady(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.isReady) {
      return;
    }
    if (this.#client.status === 'end') {
      throw new Error('The client was closed.');
    }
    await this.#readiness.wait(signal);
  }

  send([command, ...args]: readonly string[]): Promise<unknown> {
    return this.isReady
      ? this.#client.call(command!, ...args)
      : Promise.reject(new Error(`The connection is not ready (${this.#client.status}).`));
  }

  reconnect(): void {
    if (this.#isOurs && this.#client.status === 'ready') {
      this.#client.disconnect(true);
    }
  }

  subscriber(events: RedisSubscriberEvents): RedisSubscriber {
    return new IoredisSubscriber(this.#client.duplicate(CONNECTION), events);
  }

  close(): void {
    if (this.#isOurs) {
      this.#client.disconnect();
    } else {
      this.#readiness.leave();
    }
  }
}

class IoredisSubscriber implements RedisSubscriber {
  readonly #client: IoredisClient;

  constructor(client: IoredisClient, events: RedisSubscriberEvents) {
    this.#client = client;
    let reason = 'the connection was closed';
    client.on('error', (error: Error) => {
      reason = error.message;
    });
    client.on('ready', () => events.ready());
    client.on('close', () => events.down(reason));
    client.on('message', (topic: string, payload: string) => events.message(topic, payload));
  }

  async subscribe(topics: readonly string[]): Promise<void> {
    await this.#client.subscribe(...topics);
  }

  async unsubscribe(topics: readonly string[]): Promise<void> {
    await this.#client.unsubscribe(...topics);
  }

  reconnect(): void {
    this.#client.disconnect(true);
  }

  close(): void {
    this.#client.disconnect();
  }
}
