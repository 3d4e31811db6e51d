import { assertOptions, durationMs, findOptionProblems } from '../protocol/internal.js';
import type { SseLeases } from '../sources/index.js';
import { CONNECTION_RULES, findConnectionProblems, type RedisConnectionOptions } from './check-redis-options.js';
import { LeaseQueue } from './lease-queue.js';
import { RedisKeys } from './redis-keys.js';
import { SharedLink } from './shared-link.js';

/** Options of {@link redisLeases}. */
export interface RedisLeasesOptions extends RedisConnectionOptions {
  /** What all keys begin with, in braces: 1 to 64 letters, digits, and `_ . : -`. Default `sse`. */
  readonly prefix?: string | undefined;
  /**
   * How many milliseconds after its last sign of life the source of an instance that has died is free. It is renewed three
   * times as often, and asked for by the others four times as often. At least 100; default 10,000.
   */
  readonly ttlMs?: number | undefined;
}

/**
 * Lets one instance at a time follow a source, by a key in Redis that expires: `{<prefix>}:l:<source>`. All instances must
 * have the same Redis, `prefix` and `ttlMs`. Whoever holds a source stops by the own clock, a tenth of `ttlMs` before the
 * key can expire, when it could not be renewed: also while Redis is away.
 *
 * @throws SseOptionsError naming everything that is wrong with the options
 * @example
 * const redis = { url: 'redis://localhost:6379' };
 * SseModule.forRoot({
 *   sources: { orders: { url: ORDERS, cursorStore: redisCursorStore(redis), lease: redisLeases(redis) } },
 * });
 */
export function redisLeases(options: RedisLeasesOptions): SseLeases {
  assertOptions([
    ...findOptionProblems<RedisLeasesOptions>(options, { ...CONNECTION_RULES, ttlMs: durationMs({ min: 100 }) }),
    ...findConnectionProblems(options),
  ]);
  const { url, client, prefix = 'sse', ttlMs = 10_000 } = options;
  const link = new SharedLink({ url, client });
  const keys = new RedisKeys(prefix);
  return {
    acquire: (source, wait) => new LeaseQueue({ link, keys, ttlMs, random: Math.random }, source, wait).acquire(),
  };
}
