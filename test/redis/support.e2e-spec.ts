import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { transform } from '@swc/core';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { eventually } from '../pusher/support/eventually.js';
import { describeWithOwnRedis, describeWithRedis, redisUrl } from './support/redis-describe.js';
import { RedisServer } from './support/redis-server.js';

/** Fails as soon as its connection does. */
async function ping(options: RedisOptions): Promise<string> {
  const client = new Redis({ ...options, lazyConnect: true, retryStrategy: () => null, disconnectTimeout: 1 });
  client.on('error', () => {});
  try {
    await client.connect();
    return await client.ping();
  } finally {
    client.disconnect();
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describeWithOwnRedis('RedisServer', () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  it('is reached at its url', async () => {
    const client = new Redis(server.url);
    expect(await client.set('greeting', 'hello')).toBe('OK');
    expect(await server.cli('GET', 'greeting')).toBe('hello');
    client.disconnect();
  });

  it('wants the password that its url has', async () => {
    const guarded = await RedisServer.start({ password: 'p@ss/word' });
    const client = new Redis(guarded.url);
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
    await expect(ping({ port: guarded.port })).rejects.toThrow();
    expect(await guarded.cli('PING')).toBe('PONG');
  });

  it('speaks TLS, and nothing else', async () => {
    const secure = await RedisServer.start({ tls: true });
    const client = new Redis(secure.url, { tls: { ca: secure.ca! } });
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
    expect(await secure.cli('PING')).toBe('PONG');
    await expect(ping({ port: secure.port })).rejects.toThrow();
  });

  it('is a cluster of one node, also after a restart', async () => {
    const node = await RedisServer.start({ cluster: true });
    const cluster = new Cluster([node.url]);
    expect(await cluster.set('greeting', 'hello')).toBe('OK');
    cluster.disconnect();
    await node.restart();
    expect(await node.cli('GET', 'greeting')).toBe('hello');
  });

  it('takes another port where one is taken', async () => {
    // In the middle of what means this port, whatever a division makes of it.
    const random = jest.spyOn(Math, 'random').mockReturnValueOnce((server.port - 12_000 + 0.5) / 10_000);
    const other = await RedisServer.start();
    expect(random.mock.calls.length).toBeGreaterThan(1);
    random.mockRestore();
    expect(other.port).not.toBe(server.port);
    expect(await other.cli('PING')).toBe('PONG');
  });

  it('shows what was printed when it does not start', async () => {
    await expect(RedisServer.start({ args: ['--nonsense', '1'] })).rejects.toThrow('Bad directive');
  });

  it('answers commands as redis-cli prints, and throws what they fail with', async () => {
    await server.cli('RPUSH', 'list', 'a', 'b');
    expect(await server.cli('LRANGE', 'list', '0', '-1')).toBe('a\nb');
    expect(await server.cli('LLEN', 'list')).toBe('2');
    expect(await server.cli('GET', 'nothing')).toBe('');
    expect(await server.cli('DEBUG', 'SLEEP', '0')).toBe('OK');
    await expect(server.cli('GET', 'list')).rejects.toThrow('WRONGTYPE');
  });

  it('ends only the subscribers, where a command says so', async () => {
    const [commands, subscriber] = [new Redis(server.url), new Redis(server.url)];
    await Promise.all([commands.ping(), subscriber.subscribe('news')]);
    const ended = once(subscriber, 'close');
    expect(await server.cli('CLIENT', 'KILL', 'TYPE', 'pubsub')).toBe('1');
    await ended;
    expect(commands.status).toBe('ready');
    commands.disconnect();
    subscriber.disconnect();
  });

  it('has the same port and the same data after a restart, and another run_id', async () => {
    const { port } = server;
    await server.cli('SET', 'kept', 'yes');
    const runId = /run_id:\w+/.exec(await server.cli('INFO', 'server'))?.[0];
    await server.restart();
    expect(server.port).toBe(port);
    expect(await server.cli('GET', 'kept')).toBe('yes');
    expect(await server.cli('INFO', 'server')).not.toContain(runId);
  });

  it('is not there while it is stopped', async () => {
    await server.stop();
    await expect(server.cli('PING')).rejects.toThrow('ECONNREFUSED');
    await server.run();
    expect(await server.cli('PING')).toBe('PONG');
  });

  it('can be run again when it has ended by itself', async () => {
    await server.cli('SHUTDOWN').catch(() => {});
    await server.stop();
    await server.run();
    expect(await server.cli('PING')).toBe('PONG');
  });

  it('refuses to run twice', async () => {
    await expect(server.run()).rejects.toThrow('running already');
  });

  it('loses what it had not saved when it is killed', async () => {
    await server.cli('SET', 'fresh', 'yes');
    await server.kill();
    await server.run();
    expect(await server.cli('EXISTS', 'fresh')).toBe('0');
  });

  it('loses all of its data where that is asked for', async () => {
    await server.cli('SET', 'kept', 'yes');
    await server.restart();
    await server.restartEmpty();
    expect(await server.cli('DBSIZE')).toBe('0');
  });

  it.each<[string, string[]]>([
    ['dump', []],
    ['append-only file', ['--appendonly', 'yes']],
  ])('goes back to what its %s was earlier, more than once', async (_, args) => {
    const copied = await RedisServer.start({ args });
    await copied.cli('SET', 'counter', '1');
    await copied.keepSnapshot();
    for (let round = 0; round < 2; round++) {
      await copied.cli('INCR', 'counter');
      await copied.restart();
      expect(await copied.cli('GET', 'counter')).toBe('2');
      await copied.restartFromSnapshot();
      expect(await copied.cli('GET', 'counter')).toBe('1');
    }
  });

  it('keeps all when it is killed, with an append-only file', async () => {
    const durable = await RedisServer.start({ args: ['--appendonly', 'yes'] });
    await durable.cli('SET', 'fresh', 'yes');
    await durable.kill();
    await durable.run();
    expect(await durable.cli('GET', 'fresh')).toBe('yes');
  });

  it('leaves no process and no folder when it is removed', async () => {
    const removed = await RedisServer.start();
    const pid = Number(/process_id:(\d+)/.exec(await removed.cli('INFO', 'server'))?.[1]);
    const folder = await removed.cli('CONFIG', 'GET', 'dir').then((text) => text.split('\n')[1]!);
    expect([isAlive(pid), existsSync(folder)]).toEqual([true, true]);
    await removed.remove();
    expect([isAlive(pid), existsSync(folder)]).toEqual([false, false]);
  });
});

describeWithOwnRedis('the end of a suite with Redis', () => {
  let forgotten: RedisServer;

  describeWithOwnRedis('that removes nothing itself', () => {
    it('starts a server', async () => {
      forgotten = await RedisServer.start();
      expect(await forgotten.cli('PING')).toBe('PONG');
    });
  });

  it('removes what was started', async () => {
    await expect(forgotten.cli('PING')).rejects.toThrow('ECONNREFUSED');
  });
});

describeWithRedis('redisUrl()', () => {
  it('leads to a Redis', async () => {
    const client = new Redis(await redisUrl());
    expect(await client.ping()).toBe('PONG');
    client.disconnect();
  });
});

describe('the watchman', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sse-watchman-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('ends the process, and removes the folder, of tests that are killed', async () => {
    const source = await readFile(new URL('./support/watchman.ts', import.meta.url), 'utf8');
    const { code } = await transform(source, { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' } });
    const program = `${code}
      const sleep = spawn('sleep', ['60'], { stdio: 'inherit' });
      new Watchman(process.cwd()).watch(sleep.pid);
      console.log(sleep.pid);`;
    await writeFile(join(folder, 'tests.mjs'), program);
    const tests = spawn(process.execPath, ['tests.mjs'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    const [pid] = await once(tests.stdout, 'data');
    expect(isAlive(Number(pid))).toBe(true);
    tests.kill('SIGKILL');
    // Only when the sleeper too has let go of the output.
    await once(tests, 'close');
    await eventually(() => !existsSync(folder));
  });
});
