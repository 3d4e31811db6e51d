import type { SseOptionProblem } from '../protocol/index.js';
import { describe, isObject, type OptionRule } from '../protocol/internal.js';
import type { IoredisClient } from './ioredis-link.js';
import type { NodeRedisClient } from './node-redis-link.js';

/** Which Redis: one of the two. */
export interface RedisConnectionOptions {
  /** A `redis:` or `rediss:` URL, for a connection of our own. Needs the package `ioredis`. */
  readonly url?: string | undefined;
  /**
   * A client of `ioredis`, or one of `redis` (node-redis), which is connected and closed by its owner. Not a cluster, nor one
   * with a `keyPrefix`.
   */
  readonly client?: IoredisClient | NodeRedisClient | undefined;
}

/** Without braces, for the prefix is put between them; short, for it is part of every key. */
const PREFIX = /^[A-Za-z0-9_.:-]{1,64}$/;

/** The rules for what all parts of this room take. */
export const CONNECTION_RULES: {
  readonly url: OptionRule;
  readonly client: OptionRule;
  readonly prefix: OptionRule;
} = {
  url: (value) =>
    typeof value === 'string' && /^rediss?:\/\//.test(value) && URL.canParse(value)
      ? undefined
      : // Never the value: it may hold a password.
        'must be a text such as redis://localhost:6379, or rediss: for TLS',
  client: clientProblem,
  prefix: (value) =>
    typeof value === 'string' && PREFIX.test(value)
      ? undefined
      : `must be 1 to 64 letters, digits, and _ . : -, got ${describe(value)}`,
};

/** What is wrong with `url` and `client` together: there must be exactly one. */
export function findConnectionProblems(options: unknown): SseOptionProblem[] {
  const { url, client }: { url?: unknown; client?: unknown } = isObject(options) ? options : {};
  if ((url === undefined) !== (client === undefined)) {
    return [];
  }
  return url === undefined
    ? [{ option: 'url', problem: 'is missing: give a url, or a client of ioredis or redis' }]
    : [{ option: 'client', problem: 'cannot be given together with a url: give one of the two' }];
}

/** By its shape: there may be several copies of its package. */
export function isIoredis(client: unknown): client is IoredisClient {
  return isObject(client) && has(client, { status: 'string', call: 'function', duplicate: 'function' });
}

/** A cluster, a sentinel and a pool look alike, but send commands otherwise; only a client monitors. */
function isNodeRedis(client: unknown): client is NodeRedisClient {
  const shape = { isOpen: 'boolean', isReady: 'boolean', sendCommand: 'function', monitor: 'function' };
  return isObject(client) && has(client, shape);
}

function clientProblem(client: unknown): string | undefined {
  if (isObject(client) && (client as { isCluster?: unknown }).isCluster === true) {
    return 'must not be a cluster, whose subscriptions move between its nodes unnoticed: give a client of one node';
  }
  if (!isIoredis(client) && !isNodeRedis(client)) {
    return `must be a client of ioredis or redis (no cluster, sentinel or pool), got ${describe(client)}`;
  }
  const { options } = client as { options?: { keyPrefix?: unknown } };
  return options?.keyPrefix ? 'must not have a keyPrefix: give the option prefix instead' : undefined;
}

function has(client: object, shape: Readonly<Record<string, string>>): boolean {
  return Object.entries(shape).every(([name, type]) => typeof (client as Record<string, unknown>)[name] === type);
}
