import { afterEach, describe, expect, it } from '@jest/globals';
import { type CanActivate, Controller } from '@nestjs/common';
import { LOAD_PROBE } from '../../lib/access/index.js';
import { SseAdminModule, type SseModuleOptions, SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';

const everybody: CanActivate = { canActivate: () => true };

@Controller()
class FeedController {
  @SseStream('feed')
  async *feed() {
    yield 'news';
    await new Promise(() => {});
  }
}

describe.each(PLATFORMS)('an operator who looks on, on %s', (platform) => {
  let app: TestApp;

  afterEach(() => app.close());

  async function start(sse: SseModuleOptions): Promise<void> {
    app = await startApp(platform, {
      controllers: [FeedController],
      imports: [SseAdminModule.forRoot({ guards: [everybody] })],
      sse,
      override: (testing) =>
        testing.overrideProvider(LOAD_PROBE).useValue({ eventLoopDelayMs: () => 5000, heapUsedRatio: () => 1 }),
    });
  }

  const look = () => openRaw(app.port, '/admin/sse/live');

  it('gets in when there is room for nobody else', async () => {
    await start({ limits: { maxStreams: 1 } });
    await (await openRaw(app.port, '/feed')).untilText('news');
    expect((await openRaw(app.port, '/feed')).status).toBe(503);
    await (await look()).untilText('event: summary');
  });

  it('gets in under load', async () => {
    await start({ limits: { shed: { maxEventLoopDelayMs: 100, refuseWith: 'status' } } });
    expect((await openRaw(app.port, '/feed')).status).toBe(503);
    await (await look()).untilText('event: summary');
  });

  it('takes no place of a user, and needs none of what keys go by', async () => {
    await start({
      keys: ({ url, sseTicket }) => (url.startsWith('/feed') ? { user: 'ann' } : { user: sseTicket.subject }),
      limits: { per: { user: { max: 1, onFull: 'replace-oldest' } } },
    });
    const [first, second] = [await look(), await look()];
    const feed = await openRaw(app.port, '/feed');
    await Promise.all([first, second].map((view) => view.untilText('event: summary')));
    await feed.untilText('news');
    expect([first, second, feed].map(({ status, ended }) => [status, ended])).toEqual(Array(3).fill([200, false]));
  });
});
