import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { RawSocket } from '../pusher/support/raw-socket.js';
import { canBrowse, launchChromium } from './support/chromium.js';
import { OpenPage } from './support/open-page.js';
import { useSample } from './support/use-sample.js';

// Building takes a while, and a browser comes back after two to three seconds.
jest.setTimeout(120_000);

const sample = useSample();
const BOARD = 'NoticesController.follow';

describe('the streams of the sample', () => {
  it('are shown to whoever sits at the machine, and to no page of another site', async () => {
    await sample.serve();
    const ask = async (host: string) => {
      const socket = await RawSocket.connect(sample.port);
      socket.send(`GET /admin/sse/summary HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      return Number((await socket.untilClosed()).split(' ')[1]);
    };
    expect(await ask(`localhost:${sample.port}`)).toBe(200);
    expect(await ask(`127.0.0.1:${sample.port}`)).toBe(200);
    expect(await ask('evil.example')).toBe(403);
    expect(await ask('127.0.0.1.evil.example')).toBe(403);
    expect(await ask('///')).not.toBe(200);
  });
});

(canBrowse() ? describe : describe.skip)('the page of streams', () => {
  let browser: Browser;
  let profile: BrowserContext;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
  });

  beforeEach(async () => {
    problems.length = 0;
    await sample.serve();
    profile = await browser.newContext();
  });

  afterEach(async () => {
    await profile.close();
  });

  /** In a profile of its own, which has six connections of its own. */
  async function openStreams(width = 1280): Promise<void> {
    page = await (await browser.newContext({ viewport: { width, height: 900 } })).newPage();
    page.setDefaultTimeout(30_000);
    page.on('pageerror', ({ message }) => problems.push(message));
    await page.goto(`${sample.url}/streams.html`);
    await page.locator('#state[data-phase="open"]').waitFor();
  }

  async function openTab(): Promise<OpenPage> {
    const tab = await OpenPage.open(profile, sample.url);
    await tab.phase('open', 'board-state');
    return tab;
  }

  const rows = (route: string) => page.locator(`#streams tr[data-route="${route}"]`);

  it('shows the streams of every tab, and closes one, whose tab comes back', async () => {
    await openStreams();
    const one = await openTab();
    await rows(BOARD).nth(0).waitFor();
    const first = await rows(BOARD).nth(0).getAttribute('data-id');
    const other = await openTab();
    await rows(BOARD).nth(1).waitFor();
    const second = await rows(BOARD).nth(1).getAttribute('data-id');
    const viewers = await rows(BOARD).locator('.viewer').allTextContents();
    expect(viewers.map((viewer) => /^[0-9a-f]{8}$/.test(viewer))).toEqual([true, true]);
    expect(viewers[0]).not.toBe(viewers[1]);
    await rows('MachineController.follow').nth(2).waitFor(); // of the tabs, and of the watcher
    expect(await rows('SseAdminController.live').count()).toBe(0);

    await page.click(`tr[data-id="${first}"] button`);
    await one.phase('reconnecting', 'board-state');
    await page.locator('#news[data-kind="resumed"]', { hasText: `Closed stream ${first} of ${BOARD}` }).waitFor();
    await page.locator('#closed [data-reason="revoked"]').waitFor();
    await one.phase('open', 'board-state');
    await rows(BOARD).nth(1).waitFor();
    const ids = await rows(BOARD).evaluateAll((found) => found.map((row) => row.getAttribute('data-id')));
    expect(ids[0]).toBe(second);
    expect(Number(ids[1])).toBeGreaterThan(Number(second));
    await one.post('Back again');
    await Promise.all([one.noticed('Back again'), other.noticed('Back again')]);
    expect([problems, one.problems, other.problems]).toEqual([[], [], []]);
  });

  it('has a bar that grows for a reader that does not read, until more is lost than is kept', async () => {
    await openStreams();
    const slow = (await RawSocket.connect(sample.port)).get('/firehose');
    await slow.untilText('retry: ');
    slow.pause();
    const row = rows('FirehoseController.follow').first();
    await row.waitFor();
    const width = () =>
      row.locator('.bar span').evaluate((bar) => Number.parseFloat((bar as never as Bar).style.width));
    await page.locator('#streams tr[data-lag="some"] .lag-text', { hasText: / for \d+ s$/ }).waitFor();
    const before = await width();
    expect(before).toBeGreaterThan(0);
    await page.locator('#streams tr[data-lag="lost"] .lag-text', { hasText: 'and more is lost' }).waitFor();
    expect(await width()).toBeGreaterThan(before);
    slow.leave();
    await row.waitFor({ state: 'detached' });
    expect(problems).toEqual([]);
  });

  it('opens one that does not read by itself, and leaves it', async () => {
    await openStreams();
    await page.click('#stall');
    await rows('FirehoseController.follow').first().waitFor();
    await page.click('#stall[aria-pressed="true"]');
    await rows('FirehoseController.follow').first().waitFor({ state: 'detached' });
    await page.locator('#closed li', { hasText: 'FirehoseController.follow' }).waitFor();
    expect(problems).toEqual([]);
  });

  it('fits a telephone, and is linked from the machine', async () => {
    await openStreams(375);
    await rows('MachineController.follow').first().waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
    const tab = await openTab();
    expect(await tab.text('a[href="streams.html"]')).toContain('Who reads what');
  });
});

interface Bar {
  readonly style: { readonly width: string };
}
