import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { canBrowse, launchChromium } from './support/chromium.js';
import { OpenPage } from './support/open-page.js';
import { useSample } from './support/use-sample.js';

// Building takes a while, and a browser comes back after two to three seconds, when the server has told it to.
jest.setTimeout(120_000);

const sample = useSample();

describe('the sample', () => {
  it('says where to look and what to try, and watches itself over HTTP', async () => {
    const server = await sample.serve();
    expect(server.output).toContain(`This machine, live:  ${sample.url} `);
    expect(server.output.match(/^ {2}curl -N http:\S+/gm)).toEqual([
      `  curl -N ${sample.url}/machine`,
      `  curl -N ${sample.url}/notices`,
      `  curl -N ${sample.url}/alerts`,
    ]);
    await server.printed(/watcher {2}1 sample, CPU \d+ % .* 1 open stream/);
    expect(server.errors).toBe('');
  });

  it('says in one line that the port is taken, and leaves the other one alone', async () => {
    const first = await sample.serve();
    const second = sample.run(sample.port);
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect([second.output, second.errors]).toEqual([
      '',
      `Port ${sample.port} is taken. Choose another one: PORT=${sample.port + 1} npm start\n`,
    ]);
    expect((await fetch(sample.url)).status).toBe(200);
    expect((await first.kill()).signal).toBe('SIGKILL');
  });

  it('says in one line that PORT is no port', async () => {
    const server = sample.run('80a');
    expect(await server.ended).toEqual({ code: 1, signal: null });
    expect(server.errors).toBe('PORT must be a number from 0 to 65535, not "80a"\n');
  });

  it('ends its streams and itself when it is told to', async () => {
    const server = await sample.serve();
    const quiet = await fetch(`${sample.url}/alerts`);
    const text = quiet.text();
    expect((await server.kill('SIGTERM')).signal).toBe('SIGTERM');
    expect((await text).match(/^retry: \d+$/gm)).toHaveLength(2);
    expect(server.errors).toBe('');
  });

  it('gives real statuses where nothing can be streamed, or cut', async () => {
    await sample.serve();
    expect((await fetch(`${sample.url}/machine?replay=many`)).status).toBe(400);
    expect((await fetch(`${sample.url}/machine/cut/nobody`, { method: 'POST' })).status).toBe(404);
  });

  it('is followed through a crash by a watcher of its own', async () => {
    const server = await sample.serve();
    const watcher = sample.run(sample.port, 'watch');
    await watcher.printed(/watcher {2}1 sample,/);
    await server.kill();
    await watcher.printed(/watcher {2}lost \(.+\), trying again in/);
    await sample.serve();
    await watcher.printed(/watcher {2}resumed: \d+ samples? replayed since id \d+/);
    expect(watcher.output).not.toContain('gap');
  });
});

(canBrowse() ? describe : describe.skip)('the page', () => {
  let browser: Browser;
  let page: OpenPage;

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
  });

  afterEach(async () => {
    await page?.close();
  });

  async function open(width?: number): Promise<void> {
    page = await OpenPage.open(browser, sample.url, width);
    await page.phase('open');
    await page.reaches('#received', 2);
  }

  async function expectUnbroken(): Promise<void> {
    expect(await page.text('#integrity')).toBe('0 missing, 0 doubled');
    expect(page.problems).toEqual([]);
  }

  it('draws the machine, and shows the frames and pings that come', async () => {
    await sample.serve();
    await open();
    await page.reaches('#received', 4);
    for (const chart of ['cpu', 'memory', 'loop-delay']) {
      expect(await page.points(chart)).toBeGreaterThanOrEqual(4);
      expect(await page.text(`#${chart} output`)).toMatch(/^\d+(\.\d)?\s(%|ms)$/);
    }
    await page.lookAtFrames();
    await page.shows('#frames [data-kind="ping"]');
    expect(await page.text('#frames [data-kind="ping"] pre')).toBe(': ping\n\n');
    expect(await page.text('[data-stream="machine"] [data-kind="event"] pre')).toMatch(
      /^id: \d+\nevent: sample\ndata: \{"previousId":\d+,.*\}\n\n$/,
    );
    expect(await page.text('#frames [data-kind="other"] pre')).toMatch(/^retry: \d+/);
    // The watcher, the charts, the notice board, and two for the frames.
    expect(await page.number('#open-streams')).toBe(5);
    expect([...page.origins]).toEqual([sample.url]);
    await expectUnbroken();
  });

  it('goes on after the server was killed and started again, with the id that it had seen', async () => {
    const server = await sample.serve();
    await open();
    await server.kill();
    await page.phase('reconnecting');
    expect(await page.text('#since')).toMatch(/^since \d+ s$/);
    const lastSeen = await page.text('#last-event-id');
    const received = await page.number('#received');

    await sample.serve();
    await page.shows('#news[data-kind="resumed"]');
    expect(await page.text('#news')).toMatch(
      new RegExp(`^Back after \\d+ s, resumed: \\d+ samples? replayed since id ${lastSeen}$`),
    );
    await page.phase('open');
    await page.reaches('#received', received + 3);
    expect(await page.number('#last-event-id')).toBeGreaterThan(Number(lastSeen));
    await expectUnbroken();
  });

  it('gets what it missed while its connection was cut', async () => {
    await sample.serve();
    await open();
    await page.click('cut');
    await page.phase('reconnecting');
    const lastSeen = await page.text('#last-event-id');
    await page.shows('#news[data-kind="resumed"]');
    // The browser waits at least two seconds, in which the machine was sampled.
    expect(await page.text('#news')).toMatch(new RegExp(`resumed: [1-9]\\d* samples? replayed since id ${lastSeen}$`));
    await expectUnbroken();
  });

  it('says so when what it missed is gone', async () => {
    const server = await sample.serve();
    await open();
    await server.kill();
    await page.phase('reconnecting');
    const lastSeen = await page.text('#last-event-id');
    await rm(join(sample.temporary, `nestjs-event-stream-sample-${sample.port}.jsonl`));
    await sample.serve();
    await page.shows('#news[data-kind="gap"]');
    expect(await page.text('#news')).toContain(`gap: what followed id ${lastSeen} is gone (expired)`);
    await page.phase('open');
    const received = await page.number('#received');
    await page.reaches('#received', received + 2);
    await expectUnbroken();
  });

  it('holds the connections of the frames while they are on screen, and not paused', async () => {
    await sample.serve();
    await open();
    await page.reaches('#open-streams', 3, 3);
    await page.lookAtFrames();
    await page.reaches('#open-streams', 5, 5);
    await page.click('pause');
    await page.reaches('#open-streams', 3, 3);
    await page.click('pause');
    await page.reaches('#open-streams', 5, 5);
    await page.lookAway();
    await page.reaches('#open-streams', 3, 3);
  });

  it('lets the connection of the charts go while it is hidden, and goes on with the id that it had seen', async () => {
    await sample.serve();
    await open();
    await page.becomes('hidden');
    await page.phase('paused');
    const lastSeen = await page.text('#last-event-id');
    await page.becomes('visible');
    await page.shows('#news[data-kind="resumed"]');
    expect(await page.text('#news')).toMatch(new RegExp(`resumed: \\d+ samples? replayed since id ${lastSeen}$`));
    await expectUnbroken();
  });

  it('fits a telephone', async () => {
    await sample.serve();
    await open(375);
    await page.lookAtFrames();
    await page.shows('#frames [data-kind="event"]');
    expect(await page.overflow()).toBe(0);
  });
});
