import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { numbers, publishNumbers } from './support/numbers.js';
import { describeWithOwnRedis } from './support/redis-describe.js';
import { RedisServer } from './support/redis-server.js';
import { CONNECTIONS, type Member, RedisStage } from './support/redis-stage.js';
import type { Viewer } from './support/viewer.js';

const UNREACHABLE = { code: 'SSE_BACKPLANE', reason: 'unreachable', mayHaveBeenPlaced: false };

describeWithOwnRedis('a Redis that is restarted', () => {
  let server: RedisServer;
  let stage: RedisStage;

  beforeEach(async () => {
    server = await RedisServer.start();
    stage = new RedisStage(server.url);
  });

  afterEach(async () => {
    await stage.close();
    await server.remove();
  });

  /** Whoever was there goes on after one gap, and whoever comes back with an old position is told one, too. */
  const expectOneGap = async (
    viewer: Viewer,
    [near, far]: readonly [Member, Member],
    { before, left }: { readonly before: readonly string[]; readonly left: string },
  ) => {
    await viewer.gotGap();
    await far.channels.publish('a', 'after');
    await near.channels.publish('a', 'last');
    await viewer.got('last');
    expect(viewer.told).toEqual([...before, 'gap:restarted', 'after', 'last']);
    for (const member of [near, far]) {
      const back = await stage.follow(member, 'a', viewer.lastId);
      const late = await stage.follow(member, 'a', left);
      await late.got('last');
      await back.pinged();
      expect(back.told).toEqual([]);
      expect(late.gaps).toHaveLength(1);
      expect(late.told.slice(-2)).toEqual(['after', 'last']);
    }
  };

  describe.each(CONNECTIONS)('under an application with %s', (by) => {
    it('is one gap when it comes back with all its data, for it cannot know that this is all', async () => {
      const members = [await stage.join({ by }), await stage.join({ by })] as const;
      const viewer = await stage.follow(members[0]);
      await publishNumbers(members[1], 5);
      await viewer.got('4');
      const left = viewer.lastId;
      await server.restart();
      await expectOneGap(viewer, members, { before: numbers(5), left });
    });

    it('is one gap when it comes back with older data and an older counter, and no position is given twice', async () => {
      const members = [await stage.join({ by }), await stage.join({ by })] as const;
      const viewer = await stage.follow(members[0]);
      await publishNumbers(members[1], 3);
      await server.keepSnapshot();
      await publishNumbers(members[1], 5, 3);
      await viewer.got('7');
      const left = viewer.lastId;
      await server.restartFromSnapshot();
      await expectOneGap(viewer, members, { before: numbers(8), left });
      const ids = [...viewer.stream.text.matchAll(/^id: (.*)\ndata/gm)].map(([, id]) => id);
      expect(new Set(ids).size).toBe(ids.length);
    });

    it('is one gap when it comes back empty', async () => {
      const members = [await stage.join({ by }), await stage.join({ by })] as const;
      const viewer = await stage.follow(members[0]);
      await publishNumbers(members[1], 5);
      await viewer.got('4');
      const left = viewer.lastId;
      await server.restartEmpty();
      await expectOneGap(viewer, members, { before: numbers(5), left });
    });

    it('is one gap when all of it is flushed, told with the next message at the latest', async () => {
      const members = [await stage.join({ by }), await stage.join({ by })] as const;
      const viewer = await stage.follow(members[0]);
      await publishNumbers(members[1], 5);
      await viewer.got('4');
      await server.cli('FLUSHALL');
      await members[1].channels.publish('a', 'first');
      await viewer.got('first');
      await viewer.pinged();
      expect(viewer.told).toEqual([...numbers(5), 'gap:restarted', 'first']);
    });
  });

  it('is found flushed by who looks whether all was delivered, as the heartbeat does', async () => {
    const near = await stage.join();
    const viewer = await stage.follow(near);
    await publishNumbers(near, 2);
    await viewer.got('1');
    await server.cli('FLUSHALL');
    await near.backplane.sync();
    await viewer.gotGap();
    expect(viewer.told).toEqual(['0', '1', 'gap:restarted']);
  });

  it('keeps streams open while it is away, and says so to who publishes, or lets them wait', async () => {
    const hasty = await stage.join({ publishTimeoutMs: 150, requestTimeoutMs: 150 });
    const patient = await stage.join({ publishTimeoutMs: 0 });
    const viewer = await stage.follow(hasty);
    await publishNumbers(patient, 2);
    await viewer.got('1');
    await server.stop();
    await expect(hasty.channels.publish('a', 'refused')).rejects.toMatchObject(UNREACHABLE);
    const waiting = [patient.channels.publish('a', 'waits'), patient.channels.publish('a', 'waits too')];
    const turnedAway = await hasty.open('elsewhere');
    expect(await turnedAway.untilEnd()).toMatch(/^retry: \d+\n\n$/);
    const known = await stage.follow(hasty);
    await viewer.pinged();
    expect([viewer.told, known.told]).toEqual([numbers(2), []]);

    await server.run();
    await Promise.all(waiting);
    await viewer.got('waits too');
    await known.got('waits too');
    expect(viewer.told).toEqual(['0', '1', 'gap:restarted', 'waits', 'waits too']);
    expect((await stage.follow(hasty, 'elsewhere')).stream.status).toBe(200);
  });

  it('lets what waits go up to a bound, and refuses the rest at once', async () => {
    const member = await stage.join({ publishTimeoutMs: 0, maxPendingBytes: 1000 });
    const viewer = await stage.follow(member);
    await server.kill();
    const waiting = member.channels.publish('a', 'x'.repeat(900));
    await expect(member.channels.publish('a', 'y'.repeat(900))).rejects.toMatchObject({
      code: 'SSE_BACKPLANE',
      reason: 'overflow',
      mayHaveBeenPlaced: false,
    });
    await server.run();
    await waiting;
    await viewer.got('x'.repeat(900));
  });

  it('does not let an application start, or close for long, that cannot reach it', async () => {
    const started = await stage.join({ publishTimeoutMs: 0 });
    const viewer = await stage.follow(started);
    await server.kill();
    await expect(stage.join({ requestTimeoutMs: 100 })).rejects.toMatchObject({
      reason: 'unreachable',
      message: expect.stringMatching(
        /so the application does not start \(.*\): see whether what it stands on is there/,
      ),
    });
    const waiting = expect(started.channels.publish('a', 'never')).rejects.toMatchObject({
      reason: 'stopped',
      mayHaveBeenPlaced: false,
    });
    await started.close();
    await waiting;
    expect(viewer.told).toEqual([]);
  });
});
