import { afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { describeWithOwnRedis } from './support/redis-describe.js';
import { RedisServer } from './support/redis-server.js';
import { type Member, RedisStage } from './support/redis-stage.js';
import { Viewer } from './support/viewer.js';

const SECRET = 'the secret of the tests of opaque positions';
const NEW_SECRET = 'the secret that shall take its place one day';
const OPAQUE = /^[0-9A-Za-z_-]{48}$/;

describeWithOwnRedis('opaque positions over Redis', () => {
  let server: RedisServer;
  let stage: RedisStage;

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  beforeEach(async () => {
    await server.cli('FLUSHALL');
    stage = new RedisStage(server.url);
  });

  afterEach(() => stage.close());

  const join = (...secret: string[]) => stage.join({ sse: { cursor: { secret } } });

  /** Comes back to another application, which was not told of the channel yet, and gets what it has missed. */
  async function resume(member: Member, id: string): Promise<Viewer> {
    return stage.follow(member, 'a', id);
  }

  it('of one instance are good at every other, and the same there', async () => {
    const [near, far] = [await join(SECRET), await join(SECRET)];
    const [one, other] = [await stage.follow(near), await stage.follow(far)];
    const ids = await Promise.all(['1', '2', '3'].map((data) => near.channels.publish('a', data)));
    await Promise.all([one.got('3'), other.got('3')]);
    for (const { stream } of [one, other]) {
      const told = [...stream.text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id!);
      expect(told.filter((id) => !OPAQUE.test(id))).toEqual([]);
      expect(told.filter((id) => ids.includes(id))).toEqual(ids);
    }
    one.stream.leave();
    await far.channels.publish('a', '4');
    const late = await join(SECRET);
    for (const member of [far, late]) {
      const back = await resume(member, ids[1]!);
      await back.got('4');
      expect(back.told).toEqual(['3', '4']);
    }
  });

  it('stay out of Redis, where other instances read plain ones', async () => {
    const [near, far] = [await join(SECRET), await join(SECRET)];
    const subscriber = new Redis(server.url);
    const heard: string[] = [];
    subscriber.on('pmessage', (_pattern, _channel, payload: string) => heard.push(payload));
    await subscriber.psubscribe('*');
    const viewer = await stage.follow(far);
    const id = await near.channels.publish('a', 'one');
    await viewer.got('one');
    subscriber.disconnect();
    expect(heard.join()).toContain('one');
    expect(heard.join()).not.toContain(id);
    const streams = (await server.cli('SCAN', '0', 'TYPE', 'stream')).trim().split('\n').slice(1);
    expect(streams).toHaveLength(1);
    const kept = await server.cli('XRANGE', streams[0]!, '-', '+');
    expect(kept).toContain('one');
    expect(kept).not.toContain(id);
  });

  it('go on to be read while clients hold old ids and a new secret takes over, one instance after the other', async () => {
    const all = [await join(SECRET), await join(SECRET)];
    let clients = await Promise.all(all.map((member) => stage.follow(member)));
    await all[0]!.channels.publish('a', '0');
    await Promise.all(clients.map((client) => client.got('0')));
    let published = 0;
    for (const secrets of [[SECRET, NEW_SECRET], [NEW_SECRET, SECRET], [NEW_SECRET]]) {
      for (const [index, old] of all.entries()) {
        all[index] = await join(...secrets);
        await old.close();
        // All clients go round to the next instance, whichever secrets that has by now.
        const missed = String(++published);
        await all[index]!.channels.publish('a', missed);
        const told = clients.map(({ lastId }) => lastId);
        clients = await Promise.all(told.map((id, client) => resume(all[(index + client) % 2]!, id)));
        await Promise.all(clients.map((client) => client.got(missed)));
        expect([secrets, index, clients.map((client) => client.told)]).toEqual([secrets, index, [[missed], [missed]]]);
      }
    }
    const gone = await stage.follow(
      await join('a secret that nobody else has ever had before'),
      'a',
      clients[0]!.lastId,
    );
    await gone.gotGap();
    expect(gone.gaps).toEqual(['malformed']);
  });

  it('of before a restart of Redis are told of it', async () => {
    const member = await join(SECRET);
    const viewer = await stage.follow(member);
    const id = await member.channels.publish('a', '1');
    await viewer.got('1');
    await server.cli('FLUSHALL');
    await member.channels.publish('a', '2');
    await viewer.got('2');
    expect(viewer.told).toEqual(['1', 'gap:restarted', '2']);
    const back = await resume(member, id);
    await back.got('2');
    expect(back.told).toEqual(['gap:foreign', '2']);
  });
});
