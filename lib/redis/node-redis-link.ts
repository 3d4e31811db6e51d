import type { EventEmitter } from 'node:events';
import { Readiness } from './readiness.js';
import type { RedisLink, RedisSubscriber, RedisSubscriberEvents } from './redis-link.js';

type Listener = (payload: string, topic: string) => void;

/** What is used of a client of `redis`, also called node-redis. */
export interface NodeRedisClient {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  sendCommand(command: readonly string[]): Promise<unknown>;
  subscribe(topics: string[], listener: Listener): Promise<unknown>;
  unsubscribe(topics: string[], listener: Listener): Promise<unknown>;
  duplicate(override?: object): NodeRedisClient;
  connect(): Promise<unknown>;
  destroy(): void;
  on(event: string, listener: (...args: any[]) => void): unknown;
}

/** Redis through a client of `redis`, which its owner has connected and will close. */
export class NodeRedisLink implements RedisLink {
  readonly #client: NodeRedisClient;
  readonly #readiness: Readiness;

  constructor(client: NodeRedisClient) {
    this.#client = client;
    this.#readiness = new Readiness(client as unknown as EventEmitter);
  }

  get isReady(): boolean {
    return this.#client.isReady;
  }

  async whenReady(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.isReady) {
      await this.#readiness.wait(signal);
    }
  }

  send(command: readonly string[]): Promise<unknown> {
    return this.isReady ? this.#client.sendCommand(command) : Promise.reject(new Error('The connection is not ready.'));
  }

  reconnect(): void {}

  subscriber(events: RedisSubscriberEvents): RedisSubscriber {
    return new NodeRedisSubscriber(this.#client, events);
  }

  close(): void {
    this.#readiness.leave();
  }
}

/** This client subscribes again by itself before it says that it is ready. */
class NodeRedisSubscriber implements RedisSubscriber {
  readonly #parent: NodeRedisClient;
  readonly #events: RedisSubscriberEvents;
  readonly #listener: Listener;
  #client: NodeRedisClient;

  constructor(parent: NodeRedisClient, events: RedisSubscriberEvents) {
    this.#parent = parent;
    this.#events = events;
    this.#listener = (payload, topic) => events.message(topic, payload);
    this.#client = this.#connect();
  }

  async subscribe(topics: readonly string[]): Promise<void> {
    await this.#client.subscribe([...topics], this.#listener);
  }

  async unsubscribe(topics: readonly string[]): Promise<void> {
    await this.#client.unsubscribe([...topics], this.#listener);
  }

  reconnect(): void {
    this.close();
    this.#events.down('nothing came any more');
    this.#client = this.#connect();
  }

  close(): void {
    if (this.#client.isOpen) {
      this.#client.destroy();
    }
  }

  #connect(): NodeRedisClient {
    const client = this.#parent.duplicate();
    const current = (tell: () => void) => () => {
      if (this.#client === client) {
        tell();
      }
    };
    client.on(
      'ready',
      current(() => this.#events.ready()),
    );
    client.on('error', (error: Error) => {
      // It also says so of a ping that failed, while the connection stands.
      if (!client.isReady) {
        current(() => this.#events.down(error.message))();
      }
    });
    client.connect().catch(ignore);
    return client;
  }
}

function ignore(): void {}
