import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { SseChannels } from '../../lib/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { stopClock } from '../pusher/support/fake-clock.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { RawSocket } from '../pusher/support/raw-socket.js';
import { startChannelApp } from './support/channel-app.js';
import { StreamClient } from './support/stream-client.js';

const COUNT = 3000;

/** Messages that the bounds of history let a channel keep. */
const KEPT = 50;

/** Publishes in one turn far more than a connection takes. */
async function burst(channels: SseChannels): Promise<void> {
  const text = 'x'.repeat(10_000);
  await Promise.all(Array.from({ length: COUNT }, (_, n) => channels.publish('a', `${n} ${text}`)));
}

/** The clock stands still unless it is moved, so that nothing but what happens can end a grace. */
describe.each(PLATFORMS)('more in one turn than a reader takes, on %s', (platform) => {
  beforeEach(stopClock);
  afterEach(() => {
    jest.useRealTimers();
  });

  async function start() {
    const app = await startChannelApp(platform, { sse: { writeTimeoutMs: 0, history: { events: KEPT } } });
    return { app, kept: () => app.channels.localStats()[0]!.messages };
  }

  it('is kept for it for a moment, whatever the bounds of history are', async () => {
    const { app, kept } = await start();
    const slow = (await RawSocket.connect(app.port)).get('/stream?of=a');
    await slow.untilText('id: ');
    slow.pause();
    await burst(app.channels);
    await jest.advanceTimersByTimeAsync(900);
    expect(kept()).toBeGreaterThan(KEPT);
    await jest.advanceTimersByTimeAsync(200);
    expect(kept()).toBe(KEPT);
    slow.leave();
    await app.close();
  });

  it('is kept no longer than it takes to catch up', async () => {
    const { app, kept } = await start();
    const slow = new StreamClient(app.port, '/stream?of=a').connect();
    await slow.until(({ lastEventId }) => lastEventId !== '');
    slow.pause();
    await burst(app.channels);
    expect(kept()).toBeGreaterThan(KEPT);
    slow.resume();
    await slow.until(({ messages }) => messages.length === COUNT);
    expect(slow.messages.every(({ event }) => event === 'message')).toBe(true);
    await eventually(() => kept() === KEPT);
    slow.cut();
    await app.close();
  });

  it('is kept no longer than it stays', async () => {
    const { app, kept } = await start();
    const slow = (await RawSocket.connect(app.port)).get('/stream?of=a');
    await slow.untilText('id: ');
    slow.pause();
    await burst(app.channels);
    expect(kept()).toBeGreaterThan(KEPT);
    slow.leave();
    await eventually(() => kept() === KEPT);
    await app.close();
  });

  it('is kept for it when others come meanwhile, too', async () => {
    const { app } = await start();
    const slow = new StreamClient(app.port, '/stream?of=a').connect();
    await slow.until(({ lastEventId }) => lastEventId !== '');
    slow.pause();
    await burst(app.channels);
    const other = await app.open('a');
    await other.untilText('id: ');
    slow.resume();
    await slow.until(({ data }) => data.at(-1)?.startsWith(`${COUNT - 1} `) === true);
    expect(slow.messages.filter(({ event }) => event === 'gap')).toEqual([]);
    slow.cut();
    other.leave();
    await app.close();
  });
});

describe.each(PLATFORMS)('what was published in this turn, on %s', (platform) => {
  beforeEach(stopClock);
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is not forgotten before it was offered, not even by who clears away or starts to read', async () => {
    const app = await startChannelApp(platform, { sse: { history: { events: 2 } } });
    const live = await app.open('a');
    await live.untilText('id: ');
    await app.channels.publish('a', 'before');
    for (let n = 0; n < 5; n++) void app.channels.publish('a', `${n}`);
    jest.advanceTimersByTime(10_000);
    for (let n = 5; n < 10; n++) void app.channels.publish('a', `${n}`);
    const loop = app.channels.subscribe('a')[Symbol.asyncIterator]();
    await live.untilText('data: 9\n\n');
    expect(live.text).not.toContain('gap');
    await loop.return?.();
    await app.close();
  });
});
