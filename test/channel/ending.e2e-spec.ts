import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { stopClock } from '../pusher/support/fake-clock.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { RawSocket } from '../pusher/support/raw-socket.js';
import { dataOf, lastIdOf, startChannelApp } from './support/channel-app.js';
import { StreamClient } from './support/stream-client.js';

describe.each(PLATFORMS)('the end of a channel on %s', (platform) => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('comes after its last message; who comes back gets the rest, then 204 for as long as it is remembered', async () => {
    stopClock();
    const app = await startChannelApp(platform);
    const stream = await app.open('job');
    await stream.untilText('id: ');
    const first = await app.channels.publish('job', '50 %');
    await app.channels.close('job', { final: { event: 'done', data: 100 } });
    expect(await stream.untilEnd()).toMatch(/data: 50 %\n\nid: \S+\nevent: done\ndata: 100\n\n$/);

    const behind = await app.open('job', first);
    expect(behind.status).toBe(200);
    expect(dataOf({ text: await behind.untilEnd() })).toEqual(['100']);
    expect((await app.open('job', lastIdOf(behind))).status).toBe(204);
    expect((await app.open('job')).status).toBe(204);
    await expect(app.channels.publish('job', 'too late')).rejects.toMatchObject({
      code: 'SSE_CHANNEL',
      problem: 'closed',
      channel: 'job',
    });
    await app.channels.close('job');

    await jest.advanceTimersByTimeAsync(299_000);
    expect((await app.open('job')).status).toBe(204);
    await jest.advanceTimersByTimeAsync(2000);
    const anew = await app.open('job');
    expect(anew.status).toBe(200);
    await app.channels.publish('job', 'again');
    await anew.untilText('again');
    await app.close();
  });

  it('tells who is far behind of the gap first, and then that it is over', async () => {
    const app = await startChannelApp(platform, { sse: { history: { events: 1 } } });
    const first = await app.channels.publish('job', '1');
    await app.channels.publish('job', '2');
    await app.channels.close('job', { final: '3', tombstoneMs: 60_000 });
    const behind = await app.open('job', first);
    const text = await behind.untilEnd();
    expect(text).toContain('"reason":"expired"');
    expect(dataOf({ text }).slice(1)).toEqual(['3']);
    expect((await app.open('job', lastIdOf({ text }))).status).toBe(204);
    await app.close();
  });

  it('lets streams of other channels go on, and ends them with their last one', async () => {
    const app = await startChannelApp(platform, { sse: { channels: { tombstoneMs: 1000 } } });
    const stream = await app.open('a,b');
    await stream.untilText('id: ');
    await app.channels.close('a', { final: 'end of a' });
    await stream.untilText('end of a');
    await app.channels.publish('b', 'still here');
    await stream.untilText('still here');
    await app.channels.close('b');
    await stream.untilEnd();
    await app.close();
  });

  it('is clean without a memory of it, and for a channel that nobody has used', async () => {
    const app = await startChannelApp(platform);
    const stream = await app.open('a');
    await stream.untilText('id: ');
    await app.channels.close('a', { tombstoneMs: 0 });
    await stream.untilEnd();
    expect((await app.open('a', lastIdOf(stream))).status).toBe(200);
    await app.channels.close('unused');
    expect((await app.open('unused')).status).toBe(204);
    await app.close();
  });

  it("stops clients for good on a route with onEnd 'stop', also when the end is forgotten", async () => {
    const app = await startChannelApp(platform, { route: { onEnd: 'stop', closeMessage: 'bye' } });
    const stream = await app.open('job');
    await stream.untilText('id: ');
    await app.channels.close('job', { final: 'done', tombstoneMs: 0 });
    expect(await stream.untilEnd()).toMatch(/data: done\n\nid: ~end\ndata: bye\n\n$/);
    expect((await app.open('job', lastIdOf(stream))).status).toBe(204);
    await app.close();
  });

  it('stays the end for those who were there, when its name is used again', async () => {
    const app = await startChannelApp(platform);
    const stream = await app.open('a,b');
    await stream.untilText('id: ');
    await app.channels.close('a', { tombstoneMs: 0 });
    await app.channels.publish('a', 'of a new life');
    await app.channels.publish('b', 'still here');
    await app.channels.close('b');
    expect(dataOf({ text: await stream.untilEnd() })).toEqual(['still here']);
    await app.close();
  });

  it('leaves the client at the very end, though it did not want what came last', async () => {
    const app = await startChannelApp(platform, {
      sse: { history: { events: 1 } },
      subscribe: { filter: ['wanted'] },
    });
    const stream = await app.open('job');
    await stream.untilText('id: ');
    await app.channels.publish('job', { event: 'wanted', data: 1 });
    const last = await app.channels.publish('job', { event: 'other', data: 2 });
    await app.channels.close('job');
    await stream.untilEnd();
    expect(lastIdOf(stream)).toBe(last);
    expect((await app.open('job', last)).status).toBe(204);
    await app.close();
  });

  it('waits for readers that are slow', async () => {
    const app = await startChannelApp(platform, { sse: { history: { events: 5000, bytes: 100_000_000 } } });
    const slow = new StreamClient(app.port, '/stream?of=a').connect();
    await slow.until(({ lastEventId }) => lastEventId !== '');
    slow.pause();
    for (let n = 0; n < 600; n++) await app.channels.publish('a', 'x'.repeat(20_000));
    await app.channels.close('a', { final: 'the end' });
    await nextTurn();
    slow.resume();
    await slow.until(({ ended }) => ended);
    expect([slow.messages.length, slow.data.at(-1)]).toEqual([601, 'the end']);
    await app.close();
  });

  it('is that of a stream whose subscription is closed by the application', async () => {
    const app = await startChannelApp(platform);
    const stream = await app.open('a');
    await stream.untilText('id: ');
    app.subscriptions[0]?.close();
    app.subscriptions[0]?.close();
    await stream.untilEnd();
    expect(app.channels.has('a')).toBe(false);
    await app.close();
  });
});

describe.each(PLATFORMS)('channels of a live stream on %s', (platform) => {
  it('can be added from now on, and removed', async () => {
    const app = await startChannelApp(platform);
    const stream = await app.open('a');
    await stream.untilText('id: ');
    const [subscription] = app.subscriptions;
    await app.channels.publish('b', 'before');
    await subscription?.add('b');
    await subscription?.add('b');
    await app.channels.publish('b', 'b1');
    await app.channels.publish('a', 'a1');
    await stream.untilText('data: a1\n\n');
    expect([subscription?.names, app.channels.localStats().map(({ subscribers }) => subscribers)]).toEqual([
      ['a', 'b'],
      [1, 1],
    ]);
    await subscription?.remove('a');
    await subscription?.remove('nothing');
    await app.channels.publish('a', 'unheard');
    await app.channels.publish('b', 'b2');
    await stream.untilText('data: b2\n\n');
    expect(dataOf(stream)).toEqual(['b1', 'a1', 'b2']);

    await subscription?.remove('b');
    await app.channels.publish('b', 'unheard');
    await app.channels.broadcast('still open');
    await stream.untilText('still open');
    await expect(subscription?.add('')).rejects.toMatchObject({ problem: 'name' });
    await app.close();
    expect(dataOf(stream)).toEqual(['b1', 'a1', 'b2', 'still open']);
  });

  it('are its own, though others follow the same', async () => {
    const app = await startChannelApp(platform, { subscribe: { broadcast: false } });
    const streams = [await app.open('a,b'), await app.open('a,b')];
    await Promise.all(streams.map((stream) => stream.untilText('id: ')));
    await app.subscriptions[0]?.add('c');
    await app.subscriptions[0]?.remove('a');
    for (const name of ['a', 'b', 'c']) await app.channels.publish(name, `to ${name}`);
    await app.channels.close('b', { final: 'end of b' });
    await app.channels.publish('a', 'end');
    await app.channels.publish('c', 'end');
    await Promise.all(streams.map((stream) => stream.untilText('data: end\n\n')));
    expect(streams.map(dataOf)).toEqual([
      ['to b', 'to c', 'end of b', 'end'],
      ['to a', 'to b', 'end of b', 'end'],
    ]);
    await app.close();
  });

  it.each([true, false])(
    'end it when they have all ended, whatever others follow (broadcasts: %s)',
    async (broadcast) => {
      const app = await startChannelApp(platform, { subscribe: { broadcast } });
      const streams = [await app.open('a,b'), await app.open('a,b')];
      await Promise.all(streams.map((stream) => stream.untilText('id: ')));
      await app.subscriptions[0]?.remove('b');
      await app.channels.close('a', { final: 'end of a' });
      await streams[0]?.untilEnd();
      await app.channels.close('b', { final: 'end of b' });
      expect(dataOf({ text: await streams[1]!.untilEnd() })).toEqual(['end of a', 'end of b']);
      await app.close();
    },
  );

  it('that have ended end it, when the last other one is removed', async () => {
    const app = await startChannelApp(platform);
    const stream = await app.open('a,b');
    await stream.untilText('id: ');
    await app.channels.close('a', { final: 'end of a' });
    await stream.untilText('data: end of a\n\n');
    await app.subscriptions[0]?.remove('b');
    expect(dataOf({ text: await stream.untilEnd() })).toEqual(['end of a']);
    await app.close();
  });

  it('count while a slow reader has yet to read what lies before', async () => {
    const app = await startChannelApp(platform, { sse: { history: { events: 5000, bytes: 100_000_000 } } });
    const slow = (await RawSocket.connect(app.port)).get('/stream?of=a');
    await slow.untilText('id: ');
    slow.pause();
    for (let n = 0; n < 600; n++) await app.channels.publish('a', `${n} ${'x'.repeat(20_000)}`);
    await app.channels.publish('b', 'not for it');
    await app.subscriptions[0]?.add('b');
    await app.channels.publish('b', 'for it');
    slow.resume();
    await slow.untilText('for it\n\n');
    expect(slow.text).not.toContain('not for it');
    expect([...slow.text.matchAll(/^data: (\d+) /gm)]).toHaveLength(600);
    slow.leave();
    await app.close();
  });
});
