import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { numbers, publishNumbers } from './support/numbers.js';
import { describeWithOwnRedis } from './support/redis-describe.js';
import { RedisServer } from './support/redis-server.js';
import { type Member, RedisStage } from './support/redis-stage.js';

describeWithOwnRedis('a Redis that is in trouble', () => {
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

  it('that is slow: a publish fails that may have been placed, and nothing is doubled, overtaken or lost', async () => {
    const hasty = await stage.join({ publishTimeoutMs: 100 });
    const patient = await stage.join({ publishTimeoutMs: 0 });
    const viewer = await stage.follow(patient);
    await publishNumbers(hasty, 2);
    const asleep = server.cli('DEBUG', 'SLEEP', '1');
    await server.printed(/./);
    await expect(
      (async () => {
        for (;;) await hasty.channels.publish('a', 'slow');
      })(),
    ).rejects.toMatchObject({ code: 'SSE_BACKPLANE', reason: 'timeout', mayHaveBeenPlaced: true });
    const waiting = patient.channels.publish('a', 'waits');
    await viewer.pinged();
    await asleep;
    await waiting;
    await viewer.got('waits');
    await untilPlaced(hasty, 'end');
    await viewer.got('end');
    const once = viewer.told.filter((text) => text !== 'slow');
    expect([...new Set(once)]).toEqual(['0', '1', 'waits', 'end']);
  });

  it('whose memory is full: a publish is refused, what is kept is replayed, and all works again when there is room', async () => {
    const [near, far] = [await stage.join(), await stage.join()];
    const viewer = await stage.follow(near);
    const begin = viewer.lastId;
    await publishNumbers(far, 3);
    await server.cli('CONFIG', 'SET', 'maxmemory', '1');
    await expect(far.channels.publish('a', 'no room')).rejects.toMatchObject({
      code: 'SSE_BACKPLANE',
      reason: 'refused',
      mayHaveBeenPlaced: false,
      cause: { message: expect.stringContaining('maxmemory') },
    });
    const back = await stage.follow(far, 'a', begin);
    await back.got('2');
    await viewer.pinged();
    await server.cli('CONFIG', 'SET', 'maxmemory', '0');
    await publishNumbers(far, 2, 3);
    await viewer.got('4');
    await back.got('4');
    expect([viewer.told, back.told]).toEqual([numbers(5), numbers(5)]);
  });

  it('that has something else in place of a channel: that channel takes nothing, the others go on', async () => {
    const [near, far] = [await stage.join(), await stage.join()];
    const viewer = await stage.follow(near, 'a,b');
    await far.channels.publish('b', '0');
    await viewer.got('0');
    await server.cli('SET', '{sse}:c:a', 'x');
    const [refused, placed] = await Promise.allSettled([
      far.channels.publish('a', 'refused'),
      far.channels.publish('b', '1'),
    ]);
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'SSE_BACKPLANE', reason: 'refused' } });
    expect(placed.status).toBe('fulfilled');
    await server.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await far.channels.publish('b', '2');
    await viewer.got('2');
    await stage.follow(far, 'a');
    await server.cli('DEL', '{sse}:c:a');
    await far.channels.publish('a', '3');
    await viewer.got('3');
    expect(viewer.data).toEqual(numbers(4));
  });

  it('that has something else in place of the state: nothing starts, and the reason is told', async () => {
    await server.cli('SET', '{sse}:state', 'x');
    await expect(stage.join()).rejects.toMatchObject({
      code: 'SSE_BACKPLANE',
      reason: 'refused',
      message: expect.stringContaining('WRONGTYPE'),
    });
  });

  it('that has no more room for one who does not read: it is cut off, and catches up', async () => {
    await server.cli('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 1kb 1kb 1');
    const [near, far] = [await stage.join(), await stage.join()];
    const viewer = await stage.follow(near);
    const big = numbers(200).map((n) => n.padEnd(5000, '.'));
    await Promise.all(big.map((text) => far.channels.publish('a', text)));
    await viewer.got(big.at(-1)!);
    expect(viewer.told).toEqual(big);
  });
});

/** Tries again whenever it fails, which takes its time. */
async function untilPlaced(member: Member, text: string): Promise<void> {
  for (let placed = false; !placed; ) {
    placed = await member.channels.publish('a', text).then(
      () => true,
      () => false,
    );
  }
}
