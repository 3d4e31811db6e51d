import { describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { SseChannels, SseModule } from '../../lib/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { dataOf, startChannelApp } from './support/channel-app.js';

describe.each(PLATFORMS)('channels on %s', (platform) => {
  it('keep to themselves, whatever their names look like', async () => {
    const app = await startChannelApp(platform);
    const names = ['a', 'A', 'a*', 'a:b', 'a\u0000b', ' a', '\u00e4', 'a\u0308', '__proto__'];
    const streams = await Promise.all(names.map((name) => app.open(name)));
    await Promise.all(streams.map((stream) => stream.untilText('id: ')));
    for (const name of names) {
      await app.channels.publish(name, `to ${names.indexOf(name)}`);
    }
    await Promise.all(streams.map((stream, n) => stream.untilText(`data: to ${n}\n\n`)));
    expect(streams.map(dataOf)).toEqual(names.map((_, n) => [`to ${n}`]));
    await app.close();
  });

  it('reach every stream of a channel, in the order of publishing, with ids that increase over all channels', async () => {
    const app = await startChannelApp(platform);
    const streams = await Promise.all([app.open('a'), app.open('a'), app.open('a,b')]);
    await Promise.all(streams.map((stream) => stream.untilText('id: ')));
    const ids = [
      await app.channels.publish('a', { event: 'first', data: { n: 1 } }),
      await app.channels.channel('b').publish({ data: 'second', comment: 'hello', retry: 5 }),
      await app.channels.publish('a', 'third'),
    ];
    expect(ids.map((id) => id.replace(/^[0-9a-f]{12}-/, ''))).toEqual(['1', '2', '3']);
    await Promise.all(streams.map((stream) => stream.untilText('third')));
    const [first, second, third] = ids;
    expect(streams[0]?.text).toBe(
      `id: ${first?.replace(/1$/, '0')}\n\nid: ${first}\nevent: first\ndata: {"n":1}\n\nid: ${third}\ndata: third\n\n`,
    );
    expect(streams[1]?.text).toBe(streams[0]?.text);
    expect(streams[2]?.text).toContain(
      `id: ${first}\nevent: first\ndata: {"n":1}\n\nid: ${second}\n: hello\nretry: 5\ndata: second\n\nid: ${third}\ndata: third\n\n`,
    );
    await app.close();
  });

  it('broadcast to the subscribers of all channels, once to each, but for those who do not want it', async () => {
    let broadcast = true;
    const app = await startChannelApp(platform, { subscribe: () => ({ broadcast }) });
    const wanting = await Promise.all([app.open('a'), app.open('b'), app.open('a,b'), app.open('')]);
    broadcast = false;
    const other = await app.open('a');
    await Promise.all([...wanting, other].map((stream) => stream.untilText('id: ')));
    await app.channels.broadcast({ event: 'all', data: 1 });
    await app.channels.publish('a', 'end');
    await app.channels.publish('b', 'end');
    await Promise.all([wanting[0], wanting[1], wanting[2], other].map((stream) => stream?.untilText('data: end\n\n')));
    await wanting[3]?.untilText('data: 1\n\n');
    expect(wanting.map((stream) => dataOf(stream)[0])).toEqual(['1', '1', '1', '1']);
    expect(dataOf(other)).toEqual(['end']);
    await app.close();
  });

  it('come to be when they are used, and are dropped when nobody follows them and nothing is kept', async () => {
    const app = await startChannelApp(platform);
    const { channels } = app;
    expect([channels.has('a'), channels.localNames(), channels.localStats()]).toEqual([false, [], []]);
    channels.channel('a');
    expect(channels.has('a')).toBe(false);

    const stream = await app.open('a');
    await stream.untilText('id: ');
    expect(channels.localStats()).toEqual([{ channel: 'a', subscribers: 1, messages: 0, bytes: 0 }]);
    expect(channels.has('')).toBe(false);
    stream.leave();
    await eventually(() => !channels.has('a'));
    expect(channels.localNames()).toEqual([]);

    const id = await channels.publish('b', 'kept');
    const frame = `id: ${id}\ndata: kept\n\n`;
    expect(channels.localStats()).toEqual([{ channel: 'b', subscribers: 0, messages: 1, bytes: frame.length }]);
    await app.close();
  });

  it('let the application close with open streams', async () => {
    const app = await startChannelApp(platform);
    const stream = await app.open('a');
    await stream.untilText('id: ');
    await app.close();
    expect(await stream.untilEnd()).toMatch(/^id: \S+-0\n\nretry: \d+\n\n$/);
  });
});

describe('channels without an HTTP server', () => {
  it('publish, keep and can be iterated', async () => {
    const testing = await Test.createTestingModule({ imports: [SseModule.forRoot()] }).compile();
    await testing.init();
    const channels = testing.get(SseChannels);
    const subscription = channels.subscribe('jobs');
    await channels.publish('jobs', { event: 'done', data: { id: 7 } });
    for await (const message of subscription) {
      expect(message).toMatchObject({ event: 'done', data: '{"id":7}', id: expect.stringMatching(/-1$/) });
      expect(message.json()).toEqual({ id: 7 });
      break;
    }
    await testing.close();
  });
});
