import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { SseStreamRegistry } from '../../lib/index.js';
import { describeWithOwnRedis } from './support/redis-describe.js';
import { RedisProxy } from './support/redis-proxy.js';
import { RedisServer } from './support/redis-server.js';
import { CONNECTIONS, type Member, RedisStage } from './support/redis-stage.js';

/** Whose stream it is: of the user that is named like the channel. */
const sse = { keys: ({ query }: { query: { of: string } }) => ({ user: query.of }) };

const revoke = (member: Member, user: string) => member.app.get(SseStreamRegistry).revoke({ keys: { user } });

describeWithOwnRedis('revocations over Redis', () => {
  let server: RedisServer;
  let proxy: RedisProxy;
  /** Those whose connections are broken, and those who notice nothing. */
  let stage: RedisStage;
  let others: RedisStage;

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  beforeEach(async () => {
    await server.cli('FLUSHALL');
    proxy = await RedisProxy.start(server);
    stage = new RedisStage(proxy.url);
    others = new RedisStage(server.url);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await stage.close();
    await others.close();
    await proxy.close();
  });

  describe.each(CONNECTIONS)('with %s', (by) => {
    it('close the streams of a user on every instance, and of nobody else', async () => {
      const [near, far] = [await others.join({ by, sse }), await others.join({ by, sse })];
      const gone = [await others.follow(near, 'a'), await others.follow(far, 'a')];
      const stays = [await others.follow(near, 'b'), await others.follow(far, 'b')];
      await expect(revoke(near, 'a')).resolves.toEqual({ closed: 1 });
      await Promise.all(gone.map(({ stream }) => stream.untilEnd()));
      const back = [await others.follow(near, 'a'), await others.follow(far, 'a')];
      await Promise.all([...stays, ...back].map((viewer) => viewer.pinged()));
    });
  });

  it('reach an instance that was cut off, when it comes back, and are not in the way of its channels', async () => {
    const [near, far] = [await stage.join({ sse }), await others.join({ sse })];
    const viewer = await stage.follow(near, 'a');
    const stays = await stage.follow(near, 'b');
    proxy.refuse();
    proxy.cut('pubsub');
    await revoke(far, 'a');
    await stays.pinged();
    expect(viewer.stream.ended).toBe(false);
    proxy.accept();
    await viewer.stream.untilEnd();
    await far.channels.publish('b', 'still here');
    await stays.got('still here');
    expect(stays.gaps).toEqual([]);
  });

  it('that are lost with all of Redis are told of aloud', async () => {
    const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    const near = await stage.join({ sse });
    const viewer = await stage.follow(near, 'a');
    await server.cli('FLUSHALL');
    await near.channels.publish('a', 'after');
    await viewer.got('after');
    expect(errors.mock.calls.map(([line]) => line)).toContainEqual(
      expect.stringContaining('Revocations of other instances may have been missed'),
    );
  });

  it('are nothing that an instance without streams listens for', async () => {
    const idle = await others.join({ sse });
    await idle.channels.publish('a', '1');
    await revoke(idle, 'a');
    expect(await server.cli('PUBSUB', 'CHANNELS')).toBe('');
  });
});
