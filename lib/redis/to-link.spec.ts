import { describe, expect, it } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import { createClient, createClientPool, createCluster, createSentinel } from 'redis';
import { IoredisLink } from './ioredis-link.js';
import { NodeRedisLink } from './node-redis-link.js';
import type { RedisLink } from './redis-link.js';
import { toLink } from './to-link.js';

const LAZY = { lazyConnect: true };
const NODE = { host: '127.0.0.1', port: 1 };

describe('toLink()', () => {
  it('takes a client by its shape', async () => {
    expect(await toLink({ client: new Redis(LAZY) })).toBeInstanceOf(IoredisLink);
    expect(await toLink({ client: createClient() })).toBeInstanceOf(NodeRedisLink);
  });

  it('connects to a url', async () => {
    const link = {} as RedisLink;
    const asked: string[] = [];
    const connect = async (url: string) => {
      asked.push(url);
      return link;
    };
    expect(await toLink({ url: 'rediss://a:b@localhost:1/2' }, connect)).toBe(link);
    expect(asked).toEqual(['rediss://a:b@localhost:1/2']);
  });

  it.each([
    ['neither', {}, /'url' is missing: give a url, or a client/],
    ['both', { url: 'redis://localhost', client: new Redis(LAZY) }, /'client' cannot be given together with a url/],
    ['another scheme', { url: 'http://:secret@localhost' }, /'url' must be a text such as redis:/],
    ['no url', { url: 6379 }, /'url' must be a text/],
    [
      'a keyPrefix of ioredis',
      { client: new Redis({ ...LAZY, keyPrefix: 'a' }) },
      /'client' must not have a keyPrefix/,
    ],
    ['a keyPrefix of redis', { client: createClient({ keyPrefix: 'a' }) }, /'client' must not have a keyPrefix/],
    ['a cluster of ioredis', { client: new Cluster([NODE], LAZY) }, /'client' must not be a cluster/],
    ['a cluster of redis', { client: createCluster({ rootNodes: [{ socket: NODE }] }) }, /'client' must be a client/],
    ['a sentinel', { client: createSentinel({ name: 'a', sentinelRootNodes: [NODE] }) }, /'client' must be a client/],
    ['a pool', { client: createClientPool() }, /'client' must be a client/],
    ['something else', { client: new Map() }, /'client' must be a client of ioredis or redis .*, got an object/],
    ['nothing much', { client: null }, /'client' must be a client .*, got null/],
  ])('refuses %s', async (_what, options, message) => {
    const refused = toLink(options as never);
    await expect(refused).rejects.toMatchObject({ code: 'SSE_OPTIONS', message: expect.stringMatching(message) });
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
  });

  it.each(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])('says what to install for a url: %s', async (code) => {
    const missing = async () => {
      throw Object.assign(new Error('Cannot find package'), { code });
    };
    await expect(toLink({ url: 'redis://localhost' }, missing)).rejects.toMatchObject({
      code: 'SSE_OPTIONS',
      message: expect.stringContaining('npm install ioredis, or give a client'),
      cause: { code },
    });
  });

  it('does not call it missing when it fails otherwise', async () => {
    const broken = async () => {
      throw new Error('broken');
    };
    await expect(toLink({ url: 'redis://localhost' }, broken)).rejects.toThrow(/^broken$/);
  });
});
