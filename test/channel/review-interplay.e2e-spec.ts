import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { Subject } from 'rxjs';
import { Pusher, SseChannels, SsePusher, SseStream, type SseStreamOptions } from '../../lib/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { stopClock } from '../pusher/support/fake-clock.js';
import { HandedOver } from '../pusher/support/handed-over.js';
import { startApp } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';
import { dataOf, startChannelApp } from './support/channel-app.js';
import { StreamClient } from './support/stream-client.js';

async function startPiped(options?: SseStreamOptions) {
  const handedOver = new HandedOver(options);
  const app = await startApp('express', { controllers: [handedOver.controller] });
  const opening = openRaw(app.port, '/stream');
  const pusher = await handedOver.next();
  return { app, opening, pusher, channels: app.app.get(SseChannels) };
}

describe('channels and what is pushed beside them', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('come once each, and in order, with a head that waits for the first message', async () => {
    const app = await startChannelApp('express', { route: { openAfterMs: 'first-message' }, sse: { retryMs: 1000 } });
    const opening = app.open('a');
    await eventually(() => app.channels.has('a'));
    await nextTurn();
    await app.channels.publish('a', '1');
    await app.channels.publish('a', '2');
    const stream = await opening;
    await stream.untilText('data: 2\n\n');
    expect(stream.text.replace(/retry: \d+\n\n/, '')).toMatch(
      /^id: \S+-0\n\nid: \S+-1\ndata: 1\n\nid: \S+-2\ndata: 2\n\n$/,
    );
    await app.close();
  });

  it('come once each, and in order, when both have something to say in one turn', async () => {
    const { app, opening, pusher, channels } = await startPiped();
    void pusher.pipe(channels.subscribe('a'));
    const stream = await opening;
    await stream.untilText('id: ');
    const expected = [];
    for (let n = 0; n < 10; n++) {
      expected.push(`${n}`);
      void channels.publish('a', { event: 'n', data: n, comment: 'x'.repeat(20_000) });
      void pusher.push({ event: 'pushed', data: `p${n}` });
    }
    await stream.untilText('data: p9\n');
    await stream.untilText('data: 9\n');
    expect(dataOf(stream).filter((data) => !data.startsWith('p'))).toEqual(expected);
    await app.close();
  });

  it('do not count against each other: neither a push nor an Observable fails for a burst on a channel', async () => {
    const { app, opening, pusher, channels } = await startPiped();
    const source = new Subject<string>();
    void pusher.pipe(channels.subscribe('a'));
    void pusher.pipe(source);
    const stream = await opening;
    await stream.untilText('id: ');
    for (let n = 0; n < 300; n++) void channels.publish('a', 'x'.repeat(10_000));
    await nextTurn();
    source.next('tick');
    expect(await pusher.push('pushed')).toBe(true);
    await stream.untilText('data: pushed\n\n');
    expect([pusher.state, dataOf(stream).includes('tick')]).toEqual(['open', true]);
    await app.close();
  });

  it('a second subscription begins where it was made, not where the client came from', async () => {
    const handedOver = new HandedOver();
    const app = await startApp('express', { controllers: [handedOver.controller] });
    const channels = app.app.get(SseChannels);
    const start = await channels.publish('b', '0');
    await channels.publish('b', '1');
    const stream = await openRaw(app.port, '/stream', { headers: { 'Last-Event-ID': start } });
    void stream;
    const pusher = await handedOver.next();
    const first = channels.subscribe('b');
    const piped = pusher.pipe(first);
    await stream.untilText('data: 1\n\n');
    first.close();
    await piped;
    void pusher.pipe(channels.subscribe('b'));
    await eventually(() => channels.localStats()[0]?.subscribers === 1);
    await channels.publish('b', '2');
    await stream.untilText('data: 2\n\n');
    expect(dataOf(stream)).toEqual(['1', '2']);
    await app.close();
  });
});

describe('a channel that is over already', () => {
  it('ends a stream that is open, and leaves one that only pipes it open', async () => {
    const opened = await startPiped();
    await opened.channels.close('a');
    opened.pusher.open();
    await opened.pusher.pipe(opened.channels.subscribe('a'), { end: true });
    expect((await opened.opening).status).toBe(200);
    await (await opened.opening).untilEnd();
    await opened.app.close();

    const piped = await startPiped();
    await piped.channels.close('a');
    await piped.pusher.pipe(piped.channels.subscribe('a'));
    await piped.pusher.push('after');
    expect(dataOf({ text: await (await piped.opening).untilText('after') })).toEqual(['after']);
    await piped.app.close();

    const ended = await startPiped({ openAfterMs: 'first-message' });
    await ended.channels.close('a');
    await ended.pusher.pipe(ended.channels.subscribe('a'), { end: true });
    expect((await ended.opening).status).toBe(204);
    await ended.app.close();
  });

  it('ends a stream whose handler took so long that it has opened meanwhile', async () => {
    @Controller()
    class Late {
      constructor(private readonly channels: SseChannels) {}
      @SseStream('late')
      async late(@Pusher() pusher: SsePusher) {
        pusher.open();
        await nextTurn();
        return this.channels.subscribe('a');
      }
    }
    const app = await startChannelApp('express', { controllers: [Late] });
    await app.channels.close('a');
    const stream = await openRaw(app.port, '/late');
    expect(stream.status).toBe(200);
    await stream.untilEnd();
    await app.close();
  });

  it('has ended for those who were there, whoever uses its name afterwards', async () => {
    const app = await startChannelApp('express');
    const stream = await app.open('a');
    await stream.untilText('id: ');
    void app.channels.close('a', { final: 'end', tombstoneMs: 0 });
    await app.channels.publish('a', 'of a new life');
    expect(dataOf({ text: await stream.untilEnd() })).toEqual(['end']);

    const slow = new StreamClient(app.port, '/stream?of=b').connect();
    await slow.until(({ lastEventId }) => lastEventId !== '');
    slow.pause();
    for (let n = 0; n < 800; n++) await app.channels.publish('b', 'x'.repeat(20_000));
    await app.channels.close('b', { final: 'end', tombstoneMs: 0 });
    const anew = await app.open('b');
    await app.channels.publish('b', 'of a new life');
    await anew.untilText('of a new life');
    slow.resume();
    await slow.until(({ ended }) => ended);
    expect(slow.data.at(-1)).toBe('end');
    await app.close();
  });

  it('brings what was published before the subscription was closed in the same turn', async () => {
    const app = await startChannelApp('express', { route: { onEnd: 'stop' } });
    const stream = await app.open('a');
    await stream.untilText('id: ');
    void app.channels.publish('a', 'last');
    app.subscriptions[0]?.close();
    expect(dataOf({ text: await stream.untilEnd() })).toEqual(['last']);
    await app.close();
  });
});

describe('the grace after a burst', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is not taken from a reader because somebody else connects', async () => {
    stopClock();
    const app = await startChannelApp('express');
    const reader = new StreamClient(app.port, '/stream?of=a').connect();
    await reader.until(({ lastEventId }) => lastEventId !== '');
    for (let n = 1; n <= 10_000; n++) void app.channels.publish('a', `${n} ${'x'.repeat(1000)}`);
    await nextTurn();
    await (await app.open('a')).untilText('id: ');
    await reader.until(({ messages }) => messages.length >= 10_000 || messages.some(({ event }) => event === 'gap'));
    expect(reader.messages.every(({ event }) => event === 'message')).toBe(true);
    reader.cut();
    await app.close();
  });

  it('is for what one turn has brought: a reader that does not read costs no more, and less when its time is over', async () => {
    stopClock();
    const app = await startChannelApp('express', { sse: { writeTimeoutMs: 0, history: { totalBytes: 20_000_000 } } });
    const stuck = new StreamClient(app.port, '/stream?of=a').connect();
    await stuck.until(({ lastEventId }) => lastEventId !== '');
    stuck.pause();
    const kept = [];
    for (let burst = 0; burst < 12; burst++) {
      for (let n = 0; n < 250; n++) void app.channels.publish('a', 'x'.repeat(10_000));
      await app.channels.publish('a', 'end of the burst');
      kept.push(app.channels.localStats()[0]!.bytes);
    }
    expect(Math.max(...kept)).toBeLessThan(6_000_000);
    for (let n = 0; n < 3000; n++) void app.channels.publish('a', 'x'.repeat(10_000));
    await app.channels.publish('a', 'end');
    expect(app.channels.localStats()[0]!.bytes).toBeLessThan(20_000_000);
    await jest.advanceTimersByTimeAsync(1100);
    expect(app.channels.localStats()[0]!.bytes).toBeLessThanOrEqual(1024 * 1024);
    stuck.cut();
    await app.close();
  });
});

describe('the start of a subscriber', () => {
  it('with a replay has everything since it subscribed, too', async () => {
    const app = await startChannelApp('express');
    await app.channels.publish('a', '1');
    await app.channels.publish('a', '2');
    const subscription = app.channels.subscribe('a', { replay: 1 });
    await app.channels.publish('a', '3');
    await app.channels.publish('a', '4');
    const seen = [];
    for await (const { data } of subscription) {
      seen.push(data);
      if (data === '4') break;
    }
    expect(seen).toEqual(['2', '3', '4']);
    await app.close();
  });

  it('with a snapshot that has nothing to say holds its head for the first message, when it is told to', async () => {
    const app = await startChannelApp('express', {
      route: { openAfterMs: 'first-message' },
      subscribe: { snapshot: () => undefined },
    });
    let opened = false;
    const opening = app.open('a').then((stream) => {
      opened = true;
      return stream;
    });
    await eventually(() => app.channels.has('a'));
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    expect(opened).toBe(false);
    await app.channels.publish('a', '1');
    expect(dataOf({ text: await (await opening).untilText('data: 1\n\n') })).toEqual(['1']);
    await app.close();
  });
});
