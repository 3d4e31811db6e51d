import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Browser, BrowserContext } from 'playwright-core';
import { canBrowse, launchChromium } from './support/chromium.js';
import { OpenPage } from './support/open-page.js';
import type { SampleProcess } from './support/sample-process.js';
import { useSample } from './support/use-sample.js';

// Building takes a while, and a tab that is cut is away for ten seconds and some.
jest.setTimeout(120_000);

const sample = useSample();

(canBrowse() ? describe : describe.skip)('the notice board', () => {
  let browser: Browser;
  let profile: BrowserContext;
  let server: SampleProcess;

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
  });

  beforeEach(async () => {
    server = await sample.serve();
    profile = await browser.newContext();
  });

  afterEach(async () => {
    await profile.close();
  });

  async function openTab(width?: number): Promise<OpenPage> {
    const tab = await OpenPage.open(profile, sample.url, width);
    await tab.phase('open', 'board-state');
    return tab;
  }

  it('shows in every tab what was posted in one, and what was there before as earlier', async () => {
    const one = await openTab();
    expect(await one.post('  Coffee is ready ')).toBe('Posted.');
    await one.noticed('Coffee');
    const other = await openTab();
    expect(await other.post('I take two')).toBe('Posted.');
    await Promise.all([one.noticed('two'), other.noticed('two')]);
    expect(await one.notices()).toEqual(['new: I take two', 'new: Coffee is ready']);
    expect(await other.notices()).toEqual(['new: I take two', 'earlier: Coffee is ready']);
    expect(await other.text('#board-last-event-id')).toBe(await one.text('#board-last-event-id'));
  });

  it('replays to a tab that was cut for ten seconds what was posted meanwhile: all of it, once, in order', async () => {
    const cut = await openTab();
    const other = await openTab();
    await other.post('Before');
    await cut.noticed('Before');

    await cut.click('cut-board');
    await cut.phase('reconnecting', 'board-state');
    await cut.shows('#cut-left:text-matches("^[1-9]\\\\d* s left$")');
    expect(await cut.text('#board-state .since')).toMatch(/^since \d+ s$/);
    for (const text of ['One', 'Two', 'Three']) await other.post(text);
    // Posting goes on while the stream is away.
    expect(await cut.post('Four')).toBe('Posted.');
    expect(await cut.notices()).toEqual(['new: Before']);

    await cut.phase('open', 'board-state');
    await cut.noticed('Four');
    await other.post('After');
    await Promise.all([cut.noticed('After'), other.noticed('After')]);
    const texts = ['Four', 'Three', 'Two', 'One'];
    expect(await cut.notices()).toEqual(['new: After', ...texts.map((text) => `replayed: ${text}`), 'new: Before']);
    expect(await other.notices()).toEqual(['After', ...texts, 'Before'].map((text) => `new: ${text}`));
    expect(await cut.text('#board-news')).toMatch(/^Back after \d+ s: 4 missed notices replayed\.$/);
    expect(await cut.text('#cut-left')).toBe('');
    // At first, in vain, and at last.
    expect(cut.requested.filter((request) => request === 'GET /notices').length).toBeGreaterThan(2);
    expect([cut.problems, other.problems]).toEqual([[], []]);
  });

  it('says in words where notices may be missing, and why', async () => {
    const tab = await openTab();
    await tab.post('Before the crash');
    await tab.noticed('Before');
    await server.kill();
    await tab.phase('reconnecting', 'board-state');
    await sample.serve();
    await tab.shows('#board-news[data-kind="gap"]');
    const words = 'Notices may be missing here (foreign): the server was started anew, and with it the board.';
    expect(await tab.text('#board-news')).toBe(words);
    await tab.post('After the crash');
    await tab.noticed('After');
    expect(await tab.notices()).toEqual(['new: After the crash', `gap: ${words}`, 'new: Before the crash']);
  });

  it('shows as text what looks like markup', async () => {
    const tab = await openTab();
    const text = '<img src=x onerror="alert(1)"><b>bold</b>';
    await tab.post(text);
    await tab.noticed('onerror');
    expect(await tab.notices()).toEqual([`new: ${text}`]);
  });

  it('says why a notice was not posted', async () => {
    const tab = await openTab();
    expect(await tab.post('   ')).toMatch(/^Not posted: 'text' must be a string of 1 to 280 characters/);
  });

  it('shows the frames in the tab that looked at them last, so that both can post', async () => {
    const one = await openTab();
    await one.lookAtFrames();
    await one.shows('#frames [data-kind="event"]');
    const other = await openTab();
    await other.lookAtFrames();
    await other.shows('#frames [data-kind="event"]');
    await one.shows('#frames [data-kind="note"]:has-text("another tab shows the frames now")');
    // The watcher, two tabs with two each, and two for the frames: with those, all six of the browser are in use.
    await other.reaches('#open-streams', 7, 7);
    expect(await one.post('From one')).toBe('Posted.');
    expect(await other.post('From the other')).toBe('Posted.');
    await Promise.all([one.noticed('other'), other.noticed('other')]);
  });

  it('posts from any of three tabs, whose streams hold all connections that the browser opens', async () => {
    const tabs = [await openTab(), await openTab(), await openTab()];
    await tabs[2]!.reaches('#open-streams', 7, 7);
    for (const [n, tab] of tabs.entries()) expect(await tab.post(`From tab ${n}`)).toBe('Posted.');
    for (const tab of tabs) {
      await tab.noticed('From tab 2');
      expect(await tab.notices()).toEqual(['new: From tab 2', 'new: From tab 1', 'new: From tab 0']);
      await tab.phase('open');
      expect(await tab.text('#integrity')).toBe('0 missing, 0 doubled');
    }
  });

  it('fits a telephone, with the longest word', async () => {
    const tab = await openTab(375);
    await tab.post('W'.repeat(280));
    await tab.noticed('W');
    expect(await tab.overflow()).toBe(0);
  });
});
