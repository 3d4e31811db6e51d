import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Controller, Get, Header } from '@nestjs/common';
import { type SseChannelSubscription, SseChannels, SseStream } from 'nestjs-event-stream';
import type { Browser, Page } from 'playwright-core';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { canBrowse, launchChromium } from './support/chromium.js';

jest.setTimeout(60_000);

/** Follows the job; and a stream that ends at once, whose reconnects tell how often the browser would have asked again. */
const PAGE = `<!doctype html><title>A job</title><script>
  const follow = (path, log) => {
    const source = new EventSource(path);
    source.onopen = () => log.push('open');
    for (const event of ['progress', 'done']) source.addEventListener(event, ({ data }) => log.push(event + ' ' + data));
    source.onerror = () => log.push(['connecting', 'open', 'closed'][source.readyState]);
    return source;
  };
  const job = [];
  const jobSource = follow('/job', job);
  const clock = [];
</script>`;

@Controller()
class JobController {
  constructor(private readonly channels: SseChannels) {}

  @Get()
  @Header('content-type', 'text/html')
  page(): string {
    return PAGE;
  }

  @SseStream('job')
  follow(): SseChannelSubscription {
    return this.channels.subscribe('job');
  }

  @SseStream('clock')
  clock(): string[] {
    return [];
  }
}

interface SeenRequest {
  readonly path: string;
  readonly lastEventId: string | undefined;
  /** Once it was answered. */
  status?: number;
}

(canBrowse() ? describe : describe.skip).each(PLATFORMS)('the page of a finished job, on %s', (platform) => {
  let browser: Browser;
  let app: TestApp;
  let page: Page;
  let seen: SeenRequest[];

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
  });

  afterEach(async () => {
    await page?.close();
    await app?.close();
  });

  async function start(): Promise<SseChannels> {
    seen = [];
    app = await startApp(platform, { controllers: [JobController], sse: { retryMs: 20 } });
    app.app.getHttpServer().on('request', ({ url, headers }: any, response: any) => {
      const request: SeenRequest = { path: url, lastEventId: headers['last-event-id'] };
      seen.push(request);
      response.once('finish', () => {
        request.status = response.statusCode;
      });
    });
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${app.port}/`);
    return app.app.get(SseChannels);
  }

  /** Until the page's script finds this to be so. */
  async function holds(expression: string): Promise<void> {
    await page.waitForFunction(expression);
  }

  it('gets the last message, is answered 204 when it comes back, and asks no more', async () => {
    const channels = await start();
    await holds("job.includes('open')");
    await channels.publish('job', { event: 'progress', data: { done: 50 } });
    await channels.close('job', { final: { event: 'done', data: { result: 42 } } });
    await holds('jobSource.readyState === EventSource.CLOSED');

    // It would have come back as often as the other one does.
    await page.evaluate("void follow('/clock', clock)");
    await holds("clock.filter((what) => what === 'open').length >= 10");

    expect(await page.evaluate('[jobSource.readyState, job]')).toEqual([
      2,
      ['open', 'progress {"done":50}', 'done {"result":42}', 'connecting', 'closed'],
    ]);
    expect(seen.filter(({ path }) => path === '/job')).toEqual([
      { path: '/job', lastEventId: undefined, status: 200 },
      { path: '/job', lastEventId: expect.stringMatching(/^\w+-2$/), status: 204 },
    ]);
  });
});
