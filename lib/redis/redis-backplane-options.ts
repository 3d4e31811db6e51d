import { assertOptions, count, durationMs, findOptionProblems, type OptionRules } from '../protocol/internal.js';
import { CONNECTION_RULES, findConnectionProblems, type RedisConnectionOptions } from './check-redis-options.js';

/** What {@link redisBackplane} takes: a `url` or a `client`, and these. */
export interface RedisBackplaneOptions extends RedisConnectionOptions {
  /**
   * What all keys and Pub/Sub channels begin with, in braces: applications with different prefixes do not see each other. 1 to
   * 64 letters, digits, and `_ . : -`. Default `sse`.
   */
  readonly prefix?: string | undefined;
  /**
   * Milliseconds after which a `publish()` fails that Redis has not answered; 0 lets it wait for as long as it takes, within
   * `maxPendingBytes`. Default 10 000.
   */
  readonly publishTimeoutMs?: number | undefined;
  /** Milliseconds after which everything else fails: the start of the application, a new subscription. Default 10 000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Bytes of messages that may wait to be sent; beyond it `publish()` fails at once. Default 16 MiB. */
  readonly maxPendingBytes?: number | undefined;
}

const RULES: OptionRules<RedisBackplaneOptions> = {
  ...CONNECTION_RULES,
  publishTimeoutMs: durationMs(),
  requestTimeoutMs: durationMs({ min: 1 }),
  maxPendingBytes: count({ min: 1 }),
};

/** @throws SseOptionsError that names all that is wrong */
export function checkBackplaneOptions(options: RedisBackplaneOptions) {
  const problems = findOptionProblems<RedisBackplaneOptions>(options, RULES);
  assertOptions(problems.length > 0 ? problems : findConnectionProblems(options));
  const {
    prefix = 'sse',
    publishTimeoutMs = 10_000,
    requestTimeoutMs = 10_000,
    maxPendingBytes = 16 * 1024 * 1024,
  } = options;
  return { prefix, publishTimeoutMs, requestTimeoutMs, maxPendingBytes };
}
