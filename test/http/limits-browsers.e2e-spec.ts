import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Header } from '@nestjs/common';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { SseLimitOptions } from '../../lib/index.js';
import { type LimitedApp, startLimited } from '../access/support/limited-app.js';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { unfinishedStreams } from '../pusher/support/unfinished.js';
import { canBrowse, launchChromium } from '../sample/support/chromium.js';

const describeInChromium = canBrowse() ? describe : describe.skip;

@Controller()
class PageController {
  @Get('page')
  @Header('Content-Type', 'text/html')
  page(): string {
    return '<!doctype html><title>Page</title>';
  }
}

/** One tab, and what its EventSource has told it. */
class Tab {
  constructor(private readonly page: Page) {}

  /** Opens an EventSource, in the place of the one before. */
  async follow(url: string): Promise<void> {
    await this.page.evaluate(`{
      globalThis.told = [];
      globalThis.source?.close();
      const source = globalThis.source = new EventSource(${JSON.stringify(url)});
      source.onopen = () => told.push('open');
      source.onmessage = ({ data }) => told.push(data);
      source.addEventListener('replaced', ({ data }) => told.push('replaced ' + data));
      source.onerror = () => told.push(source.readyState === EventSource.CLOSED ? 'closed' : 'lost');
    }`);
  }

  async until(told: string): Promise<string[]> {
    await this.page.waitForFunction(`told.includes(${JSON.stringify(told)})`);
    return this.page.evaluate<string[]>('told');
  }

  leave(): Promise<void> {
    return this.page.close();
  }
}

describeInChromium.each(PLATFORMS)('tabs of a browser, and limits on %s', (platform) => {
  let browser: Browser;
  let context: BrowserContext;
  let app: LimitedApp;
  let tabs: Tab[];
  /** The Last-Event-ID of each request for a stream. */
  let asked: string[];
  /** How many streams have got in. */
  let subscribed: number;

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterAll(() => browser.close());

  beforeEach(async () => {
    asked = [];
    subscribed = 0;
    context = await browser.newContext();
  });

  afterEach(async () => {
    await context.close();
    await app.close();
  });

  async function start(limits: SseLimitOptions): Promise<void> {
    app = await startLimited(platform, limits, {
      controllers: [PageController],
      configure: (nest) => nest.use(noteRequest),
    });
    app.channels.events$.subscribe(({ type }) => {
      subscribed += type === 'subscribed' ? 1 : 0;
    });
    tabs = [await openTab(), await openTab()];
  }

  async function openTab(): Promise<Tab> {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${app.port}/page`);
    return new Tab(page);
  }

  function noteRequest({ headers, originalUrl, url }: any, _response: unknown, next: () => void): void {
    if ((originalUrl ?? url).startsWith('/feed')) {
      asked.push(headers['last-event-id'] ?? '-');
    }
    next();
  }

  const say = (text: string) => app.channels.publish('feed', text);

  it('settle: the older one is told, asks once more, and leaves the newer one alone for good', async () => {
    await start({ per: { user: { max: 1, onFull: 'replace-oldest' } } });
    const [older, newer] = tabs;
    await older!.follow('/feed?user=ann');
    await older!.until('open');
    await newer!.follow('/feed?user=ann');
    const replaced = 'replaced {"per":"user","max":1}';
    expect(await older!.until('closed')).toEqual(['open', replaced, 'lost', 'closed']);
    await say('to whoever is there');
    expect(await newer!.until('to whoever is there')).toEqual(['open', 'to whoever is there']);
    expect(asked).toEqual(['-', '-', '~replaced']);
    expect(unfinishedStreams(app.app)).toBe(1);

    // Whoever wants the stream in this tab opens a new one.
    await older!.follow('/feed?user=ann');
    expect(await newer!.until('closed')).toEqual(['open', 'to whoever is there', replaced, 'lost', 'closed']);
    await say('back here');
    expect(await older!.until('back here')).toEqual(['open', 'back here']);
    expect(asked).toEqual(['-', '-', '~replaced', '-', '~replaced']);
  });

  it.each<[string, SseLimitOptions]>([
    ['429', { per: { user: 1 } }],
    ['503', { maxStreams: 1 }],
  ])('never come back after %s, which limits answer with by default', async (_status, limits) => {
    await start(limits);
    await tabs[0]!.follow('/feed?user=ann');
    await tabs[0]!.until('open');
    await tabs[1]!.follow('/feed?user=ann');
    expect(await tabs[1]!.until('closed')).toEqual(['closed']);
    expect(asked).toHaveLength(2);
  });

  it("come back until there is room, where refuseWith is 'reconnect'", async () => {
    await start({ per: { user: 1 }, refuseWith: 'reconnect' });
    await tabs[0]!.follow('/feed?user=ann');
    await tabs[0]!.until('open');
    await tabs[1]!.follow('/feed?user=ann');
    await eventually(() => asked.length >= 4);
    expect(subscribed).toBe(1);
    await tabs[0]!.leave();
    await eventually(() => subscribed === 2);
    await say('at last');
    await tabs[1]!.until('at last');
  });

  it('come back when there is less to do, after they were shed', async () => {
    await start({ shed: { maxHeapUsedRatio: 0.9 } });
    app.load.ratio = 0.95;
    await tabs[0]!.follow('/feed');
    await eventually(() => asked.length >= 3);
    expect(subscribed).toBe(0);
    app.load.ratio = 0.5;
    await eventually(() => subscribed === 1);
    await say('at last');
    await tabs[0]!.until('at last');
  });

  it("never come back after they were shed with refuseWith 'status'", async () => {
    await start({ shed: { maxHeapUsedRatio: 0.9, refuseWith: 'status' } });
    app.load.ratio = 0.95;
    await tabs[0]!.follow('/feed');
    expect(await tabs[0]!.until('closed')).toEqual(['closed']);
    expect(asked).toHaveLength(1);
  });
});
