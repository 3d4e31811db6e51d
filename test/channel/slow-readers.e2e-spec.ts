import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { collectGarbage } from '../pusher/support/collect-garbage.js';
import { eventually } from '../pusher/support/eventually.js';
import { stopClock } from '../pusher/support/fake-clock.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { RawSocket } from '../pusher/support/raw-socket.js';
import { startChannelApp } from './support/channel-app.js';
import { StreamClient } from './support/stream-client.js';

const MIB = 1024 * 1024;

jest.setTimeout(60_000);

/** The numbers in what a raw connection was sent. */
function numbersIn(text: string): number[] {
  return [...text.matchAll(/data: (\d+) /g)].map(([, n]) => Number(n));
}

describe.each(PLATFORMS)('slow readers on %s', (platform) => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('cost nothing while 50 MB go past them, and the others get everything', async () => {
    const app = await startChannelApp(platform, { sse: { writeTimeoutMs: 0 } });
    const stuck = (await RawSocket.connect(app.port)).get('/stream?of=a');
    await stuck.untilText('id: ');
    stuck.pause();
    const reader = await app.open('a');
    let received = 0;
    let last = '';
    reader.response.removeAllListeners('data');
    reader.response.on('data', (chunk: string) => {
      received += chunk.length;
      last = (last + chunk).slice(-64);
    });
    const text = 'x'.repeat(10_000);
    const publishMegabytes = async (count: number) => {
      for (let n = 0; n < count * 100; n++) {
        await app.channels.publish('a', `${n} ${text}`);
      }
    };
    // So much that the connection itself holds no more, and the log is full.
    await publishMegabytes(10);
    const before = await memoryInUse();
    await publishMegabytes(50);
    const grown = (await memoryInUse()) - before;
    expect(grown).toBeLessThan(4 * MIB);
    await app.channels.publish('a', 'the end');
    while (!last.includes('the end')) await nextTurn();
    expect(received).toBeGreaterThan(60 * 1_000_000);
    stuck.leave();
    await app.close();
  });

  it('are told of a gap when the log has outrun them, and go on with what is kept, and with what is new', async () => {
    const app = await startChannelApp(platform, {
      sse: { writeTimeoutMs: 0, history: { events: 100, bytes: 10 * MIB } },
    });
    const slow = (await RawSocket.connect(app.port)).get('/stream?of=a');
    await slow.untilText('id: ');
    slow.pause();
    const text = 'x'.repeat(20_000);
    for (let n = 1; n <= 1000; n++) {
      await app.channels.publish('a', `${n} ${text}`);
    }
    slow.resume();
    await slow.untilText('data: 1000 ');
    await app.channels.publish('a', `1001 ${text}`);
    await slow.untilText('data: 1001 ');
    const [before, after, ...more] = slow.text.split('event: gap');
    expect(more).toEqual([]);
    const had = numbersIn(before!);
    const kept = numbersIn(after!);
    expect(had).toEqual(Array.from({ length: had.length }, (_, n) => n + 1));
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, n) => 1002 - kept.length + n));
    expect(kept.length).toBeGreaterThanOrEqual(100);
    const [, lastEventId] = /"lastEventId":"(.*?)","reason":"expired"/.exec(after!)!;
    expect(lastEventId).toMatch(new RegExp(`-${had.at(-1)}$`));
    slow.leave();
    await app.close();
  });

  it('catch up from the log when they are slow for a while, without a gap', async () => {
    const app = await startChannelApp(platform, {
      sse: { writeTimeoutMs: 0, history: { events: 5000, bytes: 100 * MIB } },
    });
    const slow = new StreamClient(app.port, '/stream?of=a').connect();
    await slow.until(({ lastEventId }) => lastEventId !== '');
    slow.pause();
    const text = 'x'.repeat(20_000);
    for (let n = 1; n <= 1500; n++) {
      await app.channels.publish('a', `${n} ${text}`);
    }
    slow.resume();
    await slow.until(({ messages }) => messages.length >= 1500);
    expect(slow.data.map((data) => Number.parseInt(data, 10))).toEqual(Array.from({ length: 1500 }, (_, n) => n + 1));
    slow.cut();
    await app.close();
  });

  it.each([
    [10_000, 100],
    [10_000, 250],
    [600, 5000],
    [10_000, 1000],
  ])('are not those who are offered %d messages of %d bytes in one turn', async (count, size) => {
    // They are waited for by the clock, and how fast this machine is does not matter here.
    stopClock();
    const app = await startChannelApp(platform);
    const streams = ['a', 'a', 'a,b'].map((names) => new StreamClient(app.port, `/stream?of=${names}`).connect());
    await Promise.all(streams.map((stream) => stream.until(({ lastEventId }) => lastEventId !== '')));
    const text = 'x'.repeat(size - 40);
    const published = [];
    for (let n = 1; n <= count; n++) {
      published.push(app.channels.publish('a', `${n} ${text}`));
    }
    await Promise.all(published);
    const isLast = (data: string | undefined) => data?.startsWith(`${count} `);
    await Promise.all(streams.map((stream) => stream.until(({ messages }) => isLast(messages.at(-1)?.data) === true)));
    for (const stream of streams) {
      expect(stream.messages.every(({ event }) => event === 'message')).toBe(true);
      expect(stream.data.map((data) => Number.parseInt(data, 10))).toEqual(
        Array.from({ length: count }, (_, n) => n + 1),
      );
      stream.cut();
    }
    // What was kept for their sake is let go of as soon as they have it.
    jest.useRealTimers();
    await eventually(() => app.channels.localStats()[0]!.messages <= 1000);
    await app.close();
  });
});

async function memoryInUse(): Promise<number> {
  await collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
