import { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SseStreamRegistry } from '../../lib/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { stopClock } from '../pusher/support/fake-clock.js';
import { Http2Client } from '../pusher/support/http2-client.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { readRaw } from '../pusher/support/raw-client.js';
import { RawSocket } from '../pusher/support/raw-socket.js';
import { dataOf, startChannelApp } from './support/channel-app.js';

describe.each(PLATFORMS)('a stream of channels on the wire on %s', (platform) => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('holds its head for the first message when it is told to, and has its position in front of that', async () => {
    const app = await startChannelApp(platform, { route: { openAfterMs: 'first-message' } });
    let opened = false;
    const opening = app.open('a').then((stream) => {
      opened = true;
      return stream;
    });
    await eventually(() => app.channels.has('a'));
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    expect(opened).toBe(false);
    const id = await app.channels.publish('a', 'first');
    const stream = await opening;
    await stream.untilText('first');
    expect(stream.text).toBe(`id: ${id.replace(/\d+$/, '0')}\n\nid: ${id}\ndata: first\n\n`);
    await app.close();
  });

  it('tells when to come back before it tells where it stands', async () => {
    const app = await startChannelApp(platform, { sse: { retryMs: 1000 } });
    const stream = await app.open('a');
    await stream.untilText('id: ');
    expect(stream.text).toMatch(/^retry: \d+\n\nid: \S+-0\n\n$/);
    await app.close();
  });

  it('answers HEAD, and clients of HTTP/1.0', async () => {
    const app = await startChannelApp(platform);
    expect((await readRaw(app.port, '/stream?of=a', { method: 'HEAD' })).status).toBe(200);
    expect(app.channels.has('a')).toBe(false);
    const old = (await RawSocket.connect(app.port)).send('GET /stream?of=a HTTP/1.0\r\nHost: localhost\r\n\r\n');
    await old.untilText('id: ');
    await app.channels.publish('a', 'one');
    await app.channels.close('a', { final: 'two' });
    expect(await old.untilClosed()).toMatch(/\r\n\r\nid: \S+-0\n\nid: \S+-1\ndata: one\n\nid: \S+-2\ndata: two\n\n$/);
    await app.close();
  });

  it('ends at its age, and is let go of by its channels', async () => {
    stopClock();
    const app = await startChannelApp(platform, { route: { maxAgeMs: 60_000 } });
    const stream = await app.open('a');
    await stream.untilText('id: ');
    await jest.advanceTimersByTimeAsync(80_000);
    await stream.untilEnd();
    expect(app.channels.has('a')).toBe(false);
    await app.close();
  });

  it('is cut off when its peer takes nothing for too long, and its channels go on', async () => {
    stopClock();
    const app = await startChannelApp(platform, { sse: { writeTimeoutMs: 30_000 } });
    const stuck = (await RawSocket.connect(app.port)).get('/stream?of=a');
    await stuck.untilText('id: ');
    stuck.pause();
    for (let n = 0; n < 800; n++) await app.channels.publish('a', 'x'.repeat(20_000));
    await jest.advanceTimersByTimeAsync(300_000);
    expect(app.app.get(SseStreamRegistry).closedCounts().get('stalled')).toBe(1);
    expect(app.channels.localStats()).toMatchObject([{ subscribers: 0 }]);
    stuck.leave();
    await app.close();
  });

  it('that breaks when it is written to is the only one that does', async () => {
    const app = await startChannelApp(platform);
    const streams = await Promise.all(Array.from({ length: 5 }, () => app.open('a')));
    await Promise.all(streams.map((stream) => stream.untilText('id: ')));
    let breaks = true;
    const original = Socket.prototype.write;
    const write = jest.spyOn(Socket.prototype, 'write').mockImplementation(function (this: never, ...args: never[]) {
      if (breaks) {
        breaks = false;
        throw new Error('broken');
      }
      return original.apply(this, args as never);
    } as never);
    await app.channels.publish('a', '1');
    write.mockRestore();
    await app.channels.publish('a', '2');
    const whole = streams.slice(1);
    await Promise.all(whole.map((stream) => stream.untilText('data: 2\n\n')));
    expect(whole.map(dataOf)).toEqual(whole.map(() => ['1', '2']));
    expect(app.channels.localStats()).toMatchObject([{ subscribers: 4 }]);
    await app.close();
  });
});

describe('a stream of channels over HTTP/2', () => {
  it('is pushed to, resumes, catches up when it was slow, and ends', async () => {
    const app = await startChannelApp(new FastifyAdapter({ http2: true } as never), {
      sse: { history: { events: 5000, bytes: 100_000_000 } },
    });
    const client = await Http2Client.connect(`http://127.0.0.1:${app.port}`);
    const stream = await client.open('/stream?of=a');
    await stream.untilText('id: ');
    const id = await app.channels.publish('a', '1');
    await app.channels.publish('a', '2');
    await stream.untilText('data: 2\n\n');
    const back = await client.open(`/stream?of=a&lastEventId=${id}`);
    await back.untilText('data: 2\n\n');
    expect(dataOf(back)).toEqual(['2']);

    stream.stream.pause();
    for (let n = 0; n < 300; n++) await app.channels.publish('a', `${n} ${'x'.repeat(10_000)}`);
    stream.stream.resume();
    await app.channels.close('a', { final: 'end' });
    await Promise.all([stream.untilEnd(), back.untilEnd()]);
    expect([dataOf(stream).length, dataOf(back).length]).toEqual([303, 302]);
    client.leave();
    await app.close();
  });
});
