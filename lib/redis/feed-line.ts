import type { FeedLog } from './feed-log.js';
import { isRefusal } from './persist.js';
import type { RedisLink, RedisSubscriber } from './redis-link.js';

/** Whoever waits for something that went away shall try again. */
export class Interrupted extends Error {}

/** Nothing is to be tried any more. */
export class FeedStopped extends Error {}

export interface FeedLineEvents {
  /** There is a connection, for the first time or again, on which nothing is subscribed. */
  ready(): void;
  broken(error: Error): void;
  message(topic: string, payload: string): void;
}

/** The connection over which everything comes, made when it is first needed. */
export class FeedLine {
  readonly #link: RedisLink;
  readonly #log: FeedLog;
  readonly #events: FeedLineEvents;
  #subscriber: RedisSubscriber | undefined;
  #connection = new AbortController();
  #stopped = false;

  constructor(link: RedisLink, log: FeedLog, events: FeedLineEvents) {
    this.#link = link;
    this.#log = log;
    this.#events = events;
    this.#connection.abort();
  }

  /** Whether there is a connection, or one is being made. */
  get isWanted(): boolean {
    return this.#subscriber !== undefined;
  }

  /** Aborted when the connection breaks; another one comes with the next. */
  get signal(): AbortSignal {
    return this.#connection.signal;
  }

  connect(): void {
    this.#subscriber ??= this.#link.subscriber({
      ready: () => {
        this.#connection.abort();
        this.#connection = new AbortController();
        this.#events.ready();
      },
      down: (reason) => {
        if (!this.signal.aborted) {
          this.#log.cutOff(reason);
          this.#break(new Interrupted(`The connection to Redis broke: ${reason}`));
        }
      },
      message: (topic, payload) => this.#events.message(topic, payload),
    });
  }

  /** @throws Interrupted where it can be tried again: a connection that is about to break takes no more, before it says so */
  async subscribe(topics: readonly string[]): Promise<void> {
    try {
      await this.#subscriber!.subscribe(topics);
    } catch (error) {
      throw isRefusal(error) ? error : new Interrupted((error as Error).message, { cause: error });
    }
  }

  async unsubscribe(topics: readonly string[]): Promise<void> {
    await this.#subscriber?.unsubscribe(topics);
  }

  /** Makes another connection, for nothing comes over this one any more. */
  reconnect(): void {
    if (!this.#stopped) {
      this.#subscriber?.reconnect();
    }
  }

  close(error: FeedStopped): void {
    this.#stopped = true;
    this.#subscriber?.close();
    this.#break(error);
  }

  #break(error: Error): void {
    this.#connection.abort(error);
    this.#events.broken(error);
  }
}
