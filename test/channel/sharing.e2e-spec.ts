import { describe, expect, it, jest } from '@jest/globals';
import { chunksOf } from '../pusher/support/chunks.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { RawSocket } from '../pusher/support/raw-socket.js';
import { socketWritesDuring } from '../pusher/support/socket-writes.js';
import { dataOf, startChannelApp } from './support/channel-app.js';

describe.each(PLATFORMS)('many streams on %s', (platform) => {
  it('get what is published in one turn as one write, encoded once, in a buffer that they share', async () => {
    const serialize = jest.fn(JSON.stringify);
    const app = await startChannelApp(platform, { sse: { serialize } });
    const streams = await Promise.all(Array.from({ length: 20 }, () => app.open('a')));
    const others = await Promise.all(Array.from({ length: 3 }, () => app.open('b,a')));
    await Promise.all([...streams, ...others].map((stream) => stream.untilText('id: ')));
    const written = await socketWritesDuring(async () => {
      void app.channels.publish('a', { data: { n: 1 } });
      void app.channels.publish('a', { data: { n: 2 } });
      await app.channels.publish('a', { data: { n: 3 } });
    });
    expect(serialize).toHaveBeenCalledTimes(3);
    expect(written).toHaveLength(23);
    // Who follows another channel as well, which has nothing to say, shares too.
    expect(new Set(written).size).toBe(1);
    await Promise.all([...streams, ...others].map((stream) => stream.untilText('{"n":3}')));
    expect(streams.map(dataOf)).toEqual(streams.map(() => ['{"n":1}', '{"n":2}', '{"n":3}']));
    await app.close();
  });

  it('share what is merged of several channels, and what a filter leaves', async () => {
    const filter = (message: { data: string }) => message.data !== '2';
    let options = {};
    const app = await startChannelApp(platform, { subscribe: () => options });
    const merged = await Promise.all([app.open('a,b'), app.open('b,a'), app.open('a,b')]);
    options = { filter };
    const filtered = await Promise.all([app.open('a,b'), app.open('a,b')]);
    options = { filter: ['x', 'message'] };
    const named = [await app.open('a,b')];
    options = { filter: ['message', 'x', 'x'] };
    named.push(await app.open('a,b'));
    await Promise.all([...merged, ...filtered, ...named].map((stream) => stream.untilText('id: ')));
    const written = await socketWritesDuring(async () => {
      void app.channels.publish('a', '1');
      void app.channels.publish('b', '2');
      await app.channels.publish('a', '3');
    });
    expect(new Set(written).size).toBe(3);
    await Promise.all([...merged, ...filtered, ...named].map((stream) => stream.untilText('data: 3\n\n')));
    expect(merged.map(dataOf)).toEqual(merged.map(() => ['1', '2', '3']));
    expect(filtered.map(dataOf)).toEqual(filtered.map(() => ['1', '3']));
    await app.close();
  });

  it('share nothing with those who conflate otherwise', async () => {
    let options = {};
    const app = await startChannelApp(platform, { subscribe: () => options });
    const start = await app.channels.publish('a', '0', { key: 'k' });
    for (const n of [1, 2, 3]) await app.channels.publish('a', `${n}`, { key: 'k' });
    const seen = [];
    for (const conflateBy of [undefined, ({ key }: { key?: string }) => key, ({ data }: { data: string }) => data]) {
      options = conflateBy ? { conflateBy } : {};
      const stream = await app.open('a', start);
      await stream.untilText('data: 3\n\n');
      seen.push(dataOf(stream));
    }
    expect(seen).toEqual([['1', '2', '3'], ['3'], ['1', '2', '3']]);
    await app.close();
  });

  it('that come back from different positions share all but their first write of a long replay', async () => {
    const app = await startChannelApp(platform);
    const ids: string[] = [];
    for (let n = 0; n < 200; n++) ids.push(await app.channels.publish('a', `${n} ${'x'.repeat(2000)}`));
    const written = await socketWritesDuring(async () => {
      const streams = await Promise.all([1, 5, 9, 13].map((n) => app.open('a', ids[n])));
      await Promise.all(streams.map((stream) => stream.untilText('data: 199 ')));
    });
    const replayed = written.filter(({ length }) => length > 100);
    expect(replayed.length).toBeGreaterThan(4 * 6);
    expect(Math.max(...replayed.map(({ length }) => length))).toBeLessThanOrEqual(64 * 1024);
    expect(new Set(replayed).size).toBeLessThan(4 + 8);
    await app.close();
  });

  it('are sent one chunk for a turn', async () => {
    const app = await startChannelApp(platform);
    const stream = (await RawSocket.connect(app.port)).get('/stream?of=a');
    await stream.untilText('id: ');
    for (let n = 0; n < 50; n++) void app.channels.publish('a', `${n}`);
    await stream.untilText('data: 49\n\n');
    const chunks = chunksOf(stream.text);
    expect(chunks).toHaveLength(2);
    expect(chunks[1]?.match(/^data: /gm)).toHaveLength(50);
    stream.leave();
    await app.close();
  });
});
