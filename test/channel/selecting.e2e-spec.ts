import { describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { PublishedMessage, SseSubscribeOptions } from '../../lib/index.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { dataOf, lastIdOf, startChannelApp } from './support/channel-app.js';
import { StreamClient } from './support/stream-client.js';

jest.setTimeout(20_000);

describe.each(PLATFORMS)('filters on %s', (platform) => {
  it('deliver the events that are named, in replays too, and move the position all the same', async () => {
    const app = await startChannelApp(platform, { subscribe: { filter: ['wanted', 'message'], replay: 2 } });
    await app.channels.publish('a', { event: 'wanted', data: 1 });
    await app.channels.publish('a', { event: 'other', data: 2 });
    await app.channels.publish('a', '3');
    await app.channels.publish('a', { event: 'other', data: 4 });
    const stream = await app.open('a');
    await app.channels.publish('a', { event: 'other', data: 5 });
    await app.channels.broadcast({ event: 'wanted', data: 6 });
    await stream.untilText('data: 6\n\n');
    expect(dataOf(stream)).toEqual(['1', '3', '6']);
    const back = await app.open('a', lastIdOf(stream));
    await app.channels.publish('a', { event: 'wanted', data: 7 });
    await back.untilText('data: 7\n\n');
    expect(dataOf(back)).toEqual(['7']);
    await app.close();
  });

  it('see a message as a client would, parsed once for all', async () => {
    const seen: PublishedMessage[] = [];
    const first = (message: PublishedMessage) => seen.push(message) > 0;
    const second = (message: PublishedMessage) => message.json().price > 5;
    let filter: SseSubscribeOptions['filter'] = first;
    const app = await startChannelApp(platform, { subscribe: () => ({ filter }) });
    const all = [await app.open('a'), await app.open('a')];
    filter = second;
    const dear = await app.open('a');
    await Promise.all([...all, dear].map((stream) => stream.untilText('id: ')));
    const parse = jest.spyOn(JSON, 'parse');
    await app.channels.publish('a', { event: 'price', data: { price: 3 } }, { key: 'tea' });
    await app.channels.publish('a', { event: 'price', data: { price: 9 } });
    await app.channels.publish('a', { comment: 'no event' }).catch(() => {});
    await dear.untilText('data: {"price":9}');
    expect(parse.mock.calls.filter(([text]) => text.includes('price'))).toHaveLength(2);
    parse.mockRestore();
    await Promise.all(all.map((stream) => stream.untilText('no event')));
    // The two streams with the same function have asked it once for each message.
    expect(seen.map(({ channel, event, data, key }) => [channel, event, data, key])).toEqual([
      ['a', 'price', '{"price":3}', 'tea'],
      ['a', 'price', '{"price":9}', undefined],
      ['a', 'message', '', undefined],
    ]);
    expect(seen[0]?.json()).toBe(seen[0]?.json());
    await app.close();
  });

  it('that throw end the streams that have them, and no others, and say of which channel', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    let options: SseSubscribeOptions = {};
    const app = await startChannelApp(platform, { subscribe: () => options });
    const healthy = await app.open('a');
    options = { filter: (message) => message.json().ok };
    const broken = await app.open('a');
    options = { conflateBy: (message) => message.json().key };
    const conflated = await app.open('a');
    await Promise.all([healthy, broken, conflated].map((stream) => stream.untilText('id: ')));
    await app.channels.publish('a', '{"ok":true,"key":"x"}');
    await app.channels.publish('a', 'no JSON');
    await broken.untilEnd();
    await app.channels.publish('a', 'after');
    await Promise.all([healthy, conflated].map((stream) => stream.untilText('data: after\n\n')));
    expect(dataOf(broken)).toEqual(['{"ok":true,"key":"x"}']);
    expect(logged.mock.calls.map(([message]) => message)).toEqual([
      expect.stringMatching(
        /^Stream \d+ of StreamController\.follow failed: Channel "a": the filter of a subscription threw/,
      ),
    ]);
    // Only who has fallen behind is asked for keys.
    const late = await app.open('a', 'x');
    await late.untilEnd();
    expect(logged.mock.calls.at(-1)?.[0]).toContain('Channel "a": the conflateBy of a subscription threw');
    expect(app.channels.localStats()).toMatchObject([{ subscribers: 2 }]);
    logged.mockRestore();
    await app.close();
  });
});

describe.each(PLATFORMS)('conflation on %s', (platform) => {
  it('gives who comes back the newest of each key, and everything else', async () => {
    const app = await startChannelApp(platform, { subscribe: { conflateBy: ({ key }) => key } });
    const live = await app.open('a,b');
    await live.untilText('id: ');
    const start = lastIdOf(live);
    await app.channels.publish('a', 'tea 1', { key: 'tea' });
    await app.channels.publish('a', 'news');
    await app.channels.publish('b', 'tea of b', { key: 'tea' });
    await app.channels.publish('a', 'milk 1', { key: 'milk' });
    await app.channels.publish('a', 'tea 2', { key: 'tea' });
    await app.channels.publish('a', 'news');
    await live.untilText('tea 2\n\nid: ');
    expect(dataOf(live)).toEqual(
      ['tea 1', 'news', 'tea of b', 'milk 1', 'tea 2', 'news'].slice(0, dataOf(live).length),
    );
    const back = await app.open('a,b', start);
    await app.channels.publish('a', 'tea 3', { key: 'tea' });
    await back.untilText('tea 3\n\n');
    expect(dataOf(back)).toEqual(['news', 'tea of b', 'milk 1', 'tea 2', 'news', 'tea 3']);
    await app.close();
  });

  it('spares a slow reader what is overtaken, in bounded steps, and ends with the newest of each', async () => {
    const app = await startChannelApp(platform, {
      sse: { writeTimeoutMs: 0, history: { events: 10_000, bytes: 200 * 1024 * 1024 } },
      subscribe: { conflateBy: (message) => message.data.slice(0, 2) },
    });
    const slow = new StreamClient(app.port, '/stream?of=a').connect();
    await slow.until(({ lastEventId }) => lastEventId !== '');
    slow.pause();
    const text = 'x'.repeat(10_000);
    const keys = Array.from({ length: 20 }, (_, n) => String(n + 10));
    for (let n = 0; n < 3000; n++) {
      await app.channels.publish('a', `${keys[n % keys.length]} ${n} ${text}`);
    }
    slow.resume();
    await slow.until(({ messages }) => messages.at(-1)?.data.includes(' 2999 ') === true);
    const numbers = slow.data.map((data) => Number(data.split(' ')[1]));
    expect(numbers.slice(-keys.length)).toEqual(keys.map((_, n) => 2980 + n));
    expect(numbers.length).toBeLessThan(2500);
    expect([...numbers].sort((a, b) => a - b)).toEqual(numbers);
    slow.cut();
    await app.close();
  });
});
