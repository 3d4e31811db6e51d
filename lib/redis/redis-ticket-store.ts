import type { SseTicketStore } from '../access/index.js';
import { assertOptions, durationMs, findOptionProblems } from '../protocol/internal.js';
import { CONNECTION_RULES, findConnectionProblems, type RedisConnectionOptions } from './check-redis-options.js';
import { RedisKeys } from './redis-keys.js';
import type { RedisScript } from './redis-script.js';
import { runInTime } from './run-in-time.js';
import { GET_TICKET, PUT_TICKET, TAKE_TICKET } from './scripts/ticket.js';
import { SharedLink } from './shared-link.js';

/** Options of {@link redisTicketStore}. */
export interface RedisTicketStoreOptions extends RedisConnectionOptions {
  /** What all keys begin with, in braces: 1 to 64 letters, digits, and `_ . : -`. Default `sse`. */
  readonly prefix?: string | undefined;
  /**
   * After how many milliseconds it fails what Redis has not answered: for so long a page waits before it is turned away.
   * Default 3000.
   */
  readonly timeoutMs?: number | undefined;
}

/**
 * Keeps tickets in Redis, for any number of instances: one of them redeems a ticket, whichever asks first, and all let its
 * reconnects in. Each is a text, `{<prefix>}:t:<kind>:<hash>`, that expires. There is no ticket and no cookie in it, but the
 * subject and the claims.
 *
 * A Redis that loses what it was told last, in a failover, loses revocations too. A connection by `url` is there from the first
 * ticket until the application has closed; a client stays its owner's to close.
 *
 * @throws SseOptionsError naming everything that is wrong with the options
 * @example
 * SseModule.forRoot({ tickets: { store: redisTicketStore({ url: 'redis://localhost:6379' }) } });
 */
export function redisTicketStore(options: RedisTicketStoreOptions): SseTicketStore {
  assertOptions([
    ...findOptionProblems<RedisTicketStoreOptions>(options, { ...CONNECTION_RULES, timeoutMs: durationMs({ min: 1 }) }),
    ...findConnectionProblems(options),
  ]);
  const { url, client, prefix = 'sse', timeoutMs = 3000 } = options;
  return new RedisTicketStore(new SharedLink({ url, client }), new RedisKeys(prefix), timeoutMs);
}

class RedisTicketStore implements SseTicketStore {
  readonly #link: SharedLink;
  readonly #keys: RedisKeys;
  readonly #timeoutMs: number;
  /** Lets go of the link that is kept between two uses. */
  #leave: (() => void) | undefined;
  #isClosed = false;

  constructor(link: SharedLink, keys: RedisKeys, timeoutMs: number) {
    this.#link = link;
    this.#keys = keys;
    this.#timeoutMs = timeoutMs;
  }

  async put(key: string, value: string, ttlMs: number): Promise<void> {
    await this.#run(PUT_TICKET, key, [value, String(ttlMs)]);
  }

  async get(key: string): Promise<string | undefined> {
    return ((await this.#run(GET_TICKET, key)) as string | null) ?? undefined;
  }

  async take(key: string): Promise<string | undefined> {
    return ((await this.#run(TAKE_TICKET, key)) as string | null) ?? undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.#leave?.();
  }

  async #run(script: RedisScript, key: string, args: readonly string[] = []): Promise<unknown> {
    if (!this.#isClosed) {
      this.#leave ??= this.#link.join();
    }
    // A request may outlive the application, and then needs a link for itself.
    const leave = this.#link.join();
    try {
      const call = { script, keys: [this.#keys.ticket(key)], args };
      return await runInTime(await this.#link.get(), call, this.#timeoutMs);
    } finally {
      leave();
    }
  }
}
