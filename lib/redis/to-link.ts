import { SseOptionsError } from '../protocol/index.js';
import { assertOptions, findOptionProblems } from '../protocol/internal.js';
import {
  CONNECTION_RULES,
  findConnectionProblems,
  isIoredis,
  type RedisConnectionOptions,
} from './check-redis-options.js';
import { connectIoredis, IoredisLink } from './ioredis-link.js';
import { type NodeRedisClient, NodeRedisLink } from './node-redis-link.js';
import type { RedisLink } from './redis-link.js';

/**
 * Makes a link to the Redis that options name. It need not be connected yet, nor even reachable.
 *
 * @throws SseOptionsError (as a rejection) for options that cannot be used, and where a `url` is given without the package
 *   `ioredis`
 */
export async function toLink(
  { url, client }: RedisConnectionOptions,
  connect: typeof connectIoredis = connectIoredis,
): Promise<RedisLink> {
  const { url: urlRule, client: clientRule } = CONNECTION_RULES;
  assertOptions([
    ...findOptionProblems<RedisConnectionOptions>({ url, client }, { url: urlRule, client: clientRule }),
    ...findConnectionProblems({ url, client }),
  ]);
  if (url !== undefined) {
    return connectTo(url, connect);
  }
  return isIoredis(client) ? new IoredisLink(client, false) : new NodeRedisLink(client as NodeRedisClient);
}

async function connectTo(url: string, connect: typeof connectIoredis): Promise<RedisLink> {
  try {
    return await connect(url);
  } catch (cause) {
    if (!isNotFound(cause)) {
      throw cause;
    }
    const problem = 'needs the package ioredis: npm install ioredis, or give a client instead';
    throw new SseOptionsError([{ option: 'url', problem }], { cause });
  }
}

/** Import and require() say it with different codes. */
function isNotFound(error: unknown): boolean {
  return /^(ERR_)?MODULE_NOT_FOUND$/.test(String((error as { code?: unknown } | undefined)?.code));
}
