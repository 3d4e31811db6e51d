import { once } from 'node:events';
import { afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { eventually } from '../pusher/support/eventually.js';
import { FRAGILE, ProxiedClients, STUBBORN } from './support/proxied-clients.js';
import { describeWithOwnRedis } from './support/redis-describe.js';
import { RedisProxy } from './support/redis-proxy.js';
import { RedisServer } from './support/redis-server.js';

const INCREMENT = "return redis.call('INCR', KEYS[1])";

describeWithOwnRedis('A proxy of Redis that eats replies', () => {
  let server: RedisServer;
  let proxy: RedisProxy;
  let clients: ProxiedClients;

  beforeAll(async () => {
    server = await RedisServer.start();
  });
  beforeEach(async () => {
    await server.cli('FLUSHALL');
    proxy = await RedisProxy.start(server);
    clients = new ProxiedClients(proxy);
  });
  afterEach(async () => {
    clients.close();
    await proxy.close();
  });

  it('passes on commands, replies and messages, of any size', async () => {
    const [client, subscriber] = [clients.connect(), await clients.subscribe('news')];
    const long = 'ü'.repeat(1_000_000);
    await client.set('long', long);
    expect(await client.get('long')).toBe(long);
    const message = once(subscriber, 'message');
    await client.publish('news', long);
    expect((await message)[1]).toBe(long);
  });

  it('has the password of the server in its url, and refuses one with TLS', async () => {
    const guarded = await RedisProxy.start({ url: `redis://:secret@127.0.0.1:${server.port}` });
    expect(guarded.url).toBe(`redis://:secret@127.0.0.1:${guarded.port}`);
    await guarded.close();
    await expect(RedisProxy.start({ url: 'rediss://127.0.0.1:1' })).rejects.toThrow('no TLS');
  });

  it('knows what a connection is for', async () => {
    const client = clients.connect();
    await client.ping();
    const [connection] = proxy.connections;
    expect(connection?.kind).toBe('new');
    await client.get('nothing');
    expect(connection?.kind).toBe('command');
    await client.subscribe('news');
    expect(connection?.kind).toBe('pubsub');
  });

  it('leaves the server when its client leaves', async () => {
    const subscriber = await clients.subscribe('news');
    expect([proxy.connections.size, await server.cli('PUBSUB', 'NUMSUB', 'news')]).toEqual([1, 'news\n1']);
    subscriber.disconnect();
    await eventually(() => proxy.connections.size === 0);
    // Nothing announces that the server has noticed.
    while ((await server.cli('PUBSUB', 'NUMSUB', 'news')) !== 'news\n0');
  });

  it('tells when so many commands were sent', async () => {
    const client = clients.connect();
    const seen: string[] = [];
    const first = proxy.seen(({ name }) => name === 'INCR').then(() => seen.push('first'));
    const second = proxy.seen(({ args }) => args[0] === 'counter', 2).then(() => seen.push('second'));
    await client.incr('counter');
    await first;
    await client.incr('counter');
    await second;
    expect(seen).toEqual(['first', 'second']);
  });

  it('eats a reply: the command has run, and the client cannot know it', async () => {
    const client = clients.connect();
    const eaten = proxy.eatReply(({ name }) => name === 'INCR');
    await expect(client.incr('counter')).rejects.toThrow('Connection is closed');
    await eaten;
    expect(await server.cli('GET', 'counter')).toBe('1');
  });

  it('eats the reply to the first command of any name, but not of what a client begins with', async () => {
    const eaten = proxy.eatReply();
    const client = clients.connect();
    expect(await client.ping()).toBe('PONG');
    await expect(client.incr('counter')).rejects.toThrow('Connection is closed');
    await eaten;
    expect(await server.cli('GET', 'counter')).toBe('1');
  });

  it('eats nothing but that reply: what was sent before is answered, what comes after never runs', async () => {
    const client = clients.connect();
    await client.get('nothing');
    void proxy.eatReply(({ args }) => args[0] === 'second');
    const replies = await Promise.allSettled([client.incr('first'), client.incr('second'), client.incr('third')]);
    expect(replies.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await server.cli('MGET', 'first', 'second', 'third')).toBe('1\n1\n');
  });

  it('eats no more replies than it was told to', async () => {
    const [client, other] = [clients.connect(), clients.connect()];
    await Promise.all([client.get('nothing'), other.get('nothing')]);
    const eaten = proxy.eatReply(({ name }) => name === 'INCR');
    const replies = await Promise.allSettled([client.incr('counter'), other.incr('counter')]);
    expect(replies.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await eaten;
  });

  it('makes a client that sends again by itself do it twice, and thrice', async () => {
    const client = clients.connect(STUBBORN);
    const eaten = proxy.eatReply(({ name }) => name === 'INCR', 2);
    expect(await client.incr('counter')).toBe(3);
    await eaten;
    expect(await client.incr('counter')).toBe(4);
  });

  it('lets a command through that fails, and waits for one that runs', async () => {
    const client = clients.connect();
    const eaten = proxy.eatReply(({ name }) => name.startsWith('EVAL'));
    const unknown = client.evalsha('0'.repeat(40), 1, 'counter');
    const next = client.get('nothing');
    await expect(unknown).rejects.toThrow('NOSCRIPT');
    expect(await next).toBeNull();
    await expect(client.eval(INCREMENT, 1, 'counter')).rejects.toThrow('Connection is closed');
    await eaten;
    expect(await server.cli('GET', 'counter')).toBe('1');
  });

  it('eats a reply of a subscriber, between messages', async () => {
    const subscriber = await clients.subscribe('news', { ...FRAGILE, protocol: 2 });
    const messages: string[] = [];
    subscriber.on('message', (_, text) => messages.push(text));
    const received = once(subscriber, 'message');
    await server.cli('PUBLISH', 'news', 'one');
    await received;
    const eaten = proxy.eatReply(({ name }) => name === 'UNSUBSCRIBE');
    await expect(subscriber.unsubscribe('news')).rejects.toThrow('Connection is closed');
    await eaten;
    expect(messages).toEqual(['one']);
  });
});
