import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { type SseBackplane, SseChannels, SseStream, SseStreamRegistry } from 'nestjs-event-stream';
import { openStream, SharedMemory, steerTime } from 'nestjs-event-stream/testing';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';

const MINUTE = 60_000;

@Controller()
class NewsController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream('news', { retryMs: false })
  follow() {
    return this.channels.subscribe('news');
  }
}

describe.each(PLATFORMS)('applications that share a memory, on %s', (platform) => {
  let memory: SharedMemory;
  let running: TestApp[];

  const start = async (): Promise<TestApp> => {
    const backplane: SseBackplane = memory.backplane();
    const sse = { backplane, history: { ageMs: 5 * MINUTE }, channels: { tombstoneMs: 5 * MINUTE } };
    const app = await startApp(platform, { controllers: [NewsController], sse });
    running.push(app);
    return app;
  };
  const channelsOf = ({ app }: TestApp) => app.get(SseChannels);

  beforeEach(() => {
    memory = new SharedMemory();
    running = [];
  });

  afterEach(async () => {
    for (const app of running) await app.close();
  });

  it('hear each other, and go on where another one has stopped, also one that has come later', async () => {
    const [one, other] = [await start(), await start()];
    const stream = await openStream(one.app, '/news');
    const both = await openStream(other.app, '/news');
    await channelsOf(other).publish('news', '1');
    expect((await stream.next()).data).toBe('1');
    expect((await both.next()).data).toBe('1');
    await stream.cut();
    await one.close();
    await channelsOf(other).publish('news', '2');
    await other.close();

    const later = await start();
    const resumed = await openStream(later.app, '/news', { lastEventId: stream.lastEventId });
    await channelsOf(later).publish('news', '3');
    expect((await resumed.take(2)).map(({ data }) => data)).toEqual(['2', '3']);
  });

  it('forget what is too old, and the ends of channels, as time is put forward', async () => {
    const [one, other] = [await start(), await start()];
    using time = steerTime();
    const lastEventId = await channelsOf(one).publish('news', '1');
    await channelsOf(one).publish('news', '2');
    await time.pass(6 * MINUTE);
    const late = await openStream(other.app, '/news', { lastEventId });
    expect((await late.next()).json()).toMatchObject({ lastEventId, reason: 'expired' });

    await channelsOf(one).close('news');
    const status = async () => (await openStream(other.app, '/news')).status;
    expect(await late.closed).toBe('ended');
    expect(await status()).toBe(204);
    await time.pass(6 * MINUTE);
    expect(await status()).toBe(200);
  });

  it('revoke on each of them', async () => {
    const [one, other] = [await start(), await start()];
    const stream = await openStream(one.app, '/news');
    await other.app.get(SseStreamRegistry).revoke({ route: 'NewsController.follow' });
    expect(await stream.closed).toBe('ended');
  });
});
