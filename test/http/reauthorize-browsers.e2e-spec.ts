import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Header, HttpCode, Post, UnauthorizedException, UseGuards } from '@nestjs/common';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { Pusher, SsePusher, SseStream } from '../../lib/index.js';
import { Pass } from '../access/support/pass.js';
import { startWatchedApp, type WatchedApp } from '../access/support/watched-app.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { canBrowse, launchChromium } from '../sample/support/chromium.js';

const HOUR_MS = 3_600_000;

/** An old token is warned of at once, for it ends within half a minute. */
const tokenEnds = ({ headers }: { headers: Record<string, string> }) => {
  return Date.now() + (headers['cookie'] === 'token=new' ? HOUR_MS : 20_000);
};

@Controller()
class AccountController {
  @Get('page')
  @Header('Content-Type', 'text/html')
  @Header('Set-Cookie', 'token=old')
  page(): string {
    return '<!doctype html><title>Page</title>';
  }

  @Post('renew')
  @HttpCode(204)
  @Header('Set-Cookie', 'token=new')
  renew(): void {}

  @SseStream('events', { retryMs: 50, reauthorize: { until: tokenEnds }, keys: () => ({ user: '7' }) })
  @UseGuards(Pass)
  events(@Pusher() pusher: SsePusher): void {
    pusher.open();
  }
}

/** What the page on authorization has. */
const PAGE_CODE = `{
  globalThis.told = [];
  function follow() {
    const events = new EventSource('/events');
    events.addEventListener('reauthorize', async () => {
      await fetch('/renew', { method: 'POST' });
      events.close();
      follow();
    });
    events.onopen = () => told.push('open');
    events.onerror = () => told.push(events.readyState === EventSource.CLOSED ? 'closed' : 'lost');
  }
  follow();
}`;

(canBrowse() ? describe : describe.skip).each(PLATFORMS)('a tab whose stream is authorized anew, on %s', (platform) => {
  let browser: Browser;
  let context: BrowserContext;
  let app: WatchedApp;
  let page: Page;

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterAll(() => browser.close());

  beforeEach(async () => {
    context = await browser.newContext();
    app = await startWatchedApp(platform, { controllers: [AccountController], providers: [Pass] });
    page = await context.newPage();
    await page.goto(`http://127.0.0.1:${app.port}/page`);
    await page.evaluate(PAGE_CODE);
    await page.waitForFunction('told.length === 2');
  });

  afterEach(async () => {
    await context.close();
    await app.close();
  });

  it('renews its token when it is warned, and follows anew with it', async () => {
    const cookies = app.get(Pass).asked.map((asked) => asked.switchToHttp().getRequest().headers.cookie);
    expect(cookies).toEqual(['token=old', 'token=new']);
    expect([await page.evaluate('told'), app.closed, app.registry.count]).toEqual([['open', 'open'], ['client'], 1]);
  });

  it('comes back once after a revocation, is told 401, and never asks again', async () => {
    const pass = app.get(Pass);
    pass.say = () => {
      throw new UnauthorizedException();
    };
    await app.registry.revoke({ keys: { user: '7' } });
    await page.waitForFunction("told.at(-1) === 'closed'");
    expect(await page.evaluate('told')).toEqual(['open', 'open', 'lost', 'closed']);
    expect(pass.asked).toHaveLength(3);
  });
});
