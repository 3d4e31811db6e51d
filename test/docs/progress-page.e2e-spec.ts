import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Controller, Get, Header } from '@nestjs/common';
import type { Browser, Page } from 'playwright-core';
import { deferred } from '../pusher/support/deferred.js';
import { startBareApp, type TestApp } from '../pusher/support/platforms.js';
import { canBrowse, launchChromium } from '../sample/support/chromium.js';
import { Jobs, JobsModule } from './examples/jobs.module.js';
import { blocksOf } from './support/pages.js';

jest.setTimeout(60_000);

const [HTML, ...OTHERS] = blocksOf('docs/recipes/job-progress.md', 'html');

@Controller()
class PageController {
  @Get()
  @Header('Content-Type', 'text/html')
  page(): string {
    return HTML!;
  }
}

(canBrowse() ? describe : describe.skip)('the page with the progress bar', () => {
  let browser: Browser;
  let app: TestApp;

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterEach(async () => {
    // Connections on which a browser has asked for nothing yet would hold the application up.
    await Promise.all(browser.contexts().map((context) => context.close()));
    await app.close();
  });
  afterAll(() => browser?.close());

  async function open(): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${app.port}/`);
    return page;
  }

  const shows = (page: Page, done: number, result: string) =>
    page.waitForFunction(`bar.value === ${done} && result.textContent === ${JSON.stringify(result)}`);

  it('fills its bar, in a tab that comes in the middle too, and shows the result', async () => {
    expect(OTHERS).toEqual([]);
    app = await startBareApp('express', { imports: [JobsModule], controllers: [PageController] });
    const half = deferred();
    const running = app.app.get(Jobs).run(
      '7',
      (async function* () {
        yield 50;
        await half.promise;
        yield 90;
      })(),
    );
    const tabs = await Promise.all([open(), open()]);
    await Promise.all(tabs.map((tab) => shows(tab, 50, '')));
    half.resolve();
    await running;
    const late = await open();
    await Promise.all([...tabs, late].map((tab) => shows(tab, 100, 'Finished: /files/7')));
  });

  it('says so when there is no such job', async () => {
    app = await startBareApp('express', { imports: [JobsModule], controllers: [PageController] });
    await shows(await open(), 0, 'There is no such job.');
  });
});
