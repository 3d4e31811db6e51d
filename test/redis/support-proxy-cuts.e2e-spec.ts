import { once } from 'node:events';
import { afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { closed, ProxiedClients, STUBBORN } from './support/proxied-clients.js';
import { describeWithOwnRedis } from './support/redis-describe.js';
import { RedisProxy } from './support/redis-proxy.js';
import { RedisServer } from './support/redis-server.js';

describeWithOwnRedis('A proxy of Redis that cuts, holds and refuses', () => {
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

  it('cuts connections of one kind only', async () => {
    const [client, subscriber] = [clients.connect(), await clients.subscribe('news')];
    await client.get('nothing');
    const subscriberGone = closed(subscriber);
    proxy.cut('pubsub');
    await subscriberGone;
    expect(await client.incr('counter')).toBe(1);
    const clientGone = closed(client);
    proxy.cut('command');
    await clientGone;
  });

  it('cuts the connections that a function chooses, and all', async () => {
    const [one, other] = [clients.connect(), clients.connect()];
    await one.get('nothing');
    await other.get('nothing');
    const [first] = proxy.connections;
    const oneGone = closed(one);
    proxy.cut((connection) => connection === first);
    await oneGone;
    expect(await other.incr('counter')).toBe(1);
    const otherGone = closed(other);
    proxy.cut();
    await otherGone;
  });

  it('is a black hole while it holds, and passes all on in order', async () => {
    const client = clients.connect();
    await client.get('nothing');
    proxy.hold();
    const seen = proxy.seen(({ name }) => name === 'INCR', 2);
    const replies = Promise.all([client.incr('counter'), client.incr('counter')]);
    await seen;
    expect(await server.cli('EXISTS', 'counter')).toBe('0');
    proxy.release();
    expect(await replies).toEqual([1, 2]);
  });

  it('loses what it holds when it cuts', async () => {
    const client = clients.connect();
    await client.get('nothing');
    proxy.hold('command');
    const seen = proxy.seen(({ name }) => name === 'INCR');
    const reply = client.incr('counter');
    await seen;
    proxy.cut();
    const eaten = proxy.eatReply(({ name }) => name === 'INCR');
    proxy.release();
    await expect(reply).rejects.toThrow('Connection is closed');
    expect(await server.cli('EXISTS', 'counter')).toBe('0');
    // It was not that lost command whose reply is eaten.
    await expect(clients.connect().incr('counter')).rejects.toThrow('Connection is closed');
    await eaten;
  });

  it('holds replies alone, so that commands run', async () => {
    const client = clients.connect();
    const subscriber = await clients.subscribe('ran');
    await client.get('nothing');
    proxy.hold('command', 'replies');
    let isAnswered = false;
    const ran = once(subscriber, 'message');
    const reply = client.publish('ran', 'yes').finally(() => {
      isAnswered = true;
    });
    await ran;
    // By now an answer would have come.
    await server.cli('PING');
    expect(isAnswered).toBe(false);
    proxy.release();
    expect(await reply).toBe(1);
  });

  it('hides from a held connection that the server is gone', async () => {
    const subscriber = await clients.subscribe('news');
    proxy.hold('pubsub');
    await server.restart();
    expect(subscriber.status).toBe('ready');
    const gone = closed(subscriber);
    proxy.release();
    await gone;
  });

  it('refuses new connections, leaves those alone that are there, and accepts again', async () => {
    const there = clients.connect();
    await there.get('nothing');
    proxy.refuse();
    const refused = clients.connect(STUBBORN);
    await closed(refused);
    expect(await there.incr('counter')).toBe(1);
    proxy.accept();
    expect(await refused.incr('counter')).toBe(2);
  });

  it('closes connections when the server is down', async () => {
    await server.stop();
    const client = clients.connect(STUBBORN);
    await closed(client);
    await server.run();
    expect(await client.incr('counter')).toBe(1);
  });
});
