import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { BuiltSample } from './support/built-sample.js';
import { canBrowse, launchChromium } from './support/chromium.js';
import { OpenPage } from './support/open-page.js';
import { freePort, type SampleProcess } from './support/sample-process.js';

// Building takes a while, and a browser comes back after two to three seconds, when the server has told it to.
jest.setTimeout(120_000);

let built: BuiltSample;
let port: number;
let url: string;
const started = new Set<SampleProcess>();

beforeAll(async () => {
  built = await BuiltSample.build();
});

afterAll(async () => {
  await built?.remove();
});

beforeEach(async () => {
  port = await freePort();
  url = `http://127.0.0.1:${port}`;
});

afterEach(async () => {
  await Promise.all([...started].map((running) => running.kill()));
  started.clear();
});

function run(...parameters: Parameters<BuiltSample['run']>): SampleProcess {
  const running = built.run(...parameters);
  started.add(running);
  return running;
}

async function serve(): Promise<SampleProcess> {
  const server = run(port);
  await server.printed(/watcher {2}open/);
  return server;
}

describe('the sample', () => {
  it('says where to look and what to try, and watches itself over HTTP', async () => {
    const server = await serve();
    expect(server.output).toContain(`This machine, live:  ${url} `);
    expect(server.output.match(/^ {2}curl -N http:\S+/gm)).toEqual([
      `  curl -N ${url}/machine`,
      `  curl -N ${url}/alerts`,
    ]);
    await server.printed(/watcher {2}1 sample, CPU \d+ % .* 1 open stream/);
    expect(server.errors).toBe('');
  });

  it('says in one line that the port is taken, and leaves the other one alone', async () => {
    const first = await serve();
    const second = run(port);
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect([second.output, second.errors]).toEqual([
      '',
      `Port ${port} is taken. Choose another one: PORT=${port + 1} npm start\n`,
    ]);
    expect((await fetch(url)).status).toBe(200);
    expect((await first.kill()).signal).toBe('SIGKILL');
  });

  it('says in one line that PORT is no port', async () => {
    const server = run('80a');
    expect(await server.ended).toEqual({ code: 1, signal: null });
    expect(server.errors).toBe('PORT must be a number from 0 to 65535, not "80a"\n');
  });

  it('ends its streams and itself when it is told to', async () => {
    const server = await serve();
    const quiet = await fetch(`${url}/alerts`);
    const text = quiet.text();
    expect((await server.kill('SIGTERM')).signal).toBe('SIGTERM');
    expect((await text).match(/^retry: \d+$/gm)).toHaveLength(2);
    expect(server.errors).toBe('');
  });

  it('gives real statuses where nothing can be streamed, or cut', async () => {
    await serve();
    expect((await fetch(`${url}/machine?replay=many`)).status).toBe(400);
    expect((await fetch(`${url}/machine/cut/nobody`, { method: 'POST' })).status).toBe(404);
  });

  it('is followed through a crash by a watcher of its own', async () => {
    const server = await serve();
    const watcher = run(port, 'watch');
    await watcher.printed(/watcher {2}1 sample,/);
    await server.kill();
    await watcher.printed(/watcher {2}lost \(.+\), trying again in/);
    await serve();
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
    page = await OpenPage.open(browser, url, width);
    await page.phase('open');
    await page.reaches('#received', 2);
  }

  async function expectUnbroken(): Promise<void> {
    expect(await page.text('#integrity')).toBe('0 missing, 0 doubled');
    expect(page.problems).toEqual([]);
  }

  it('draws the machine, and shows the frames and pings that come', async () => {
    await serve();
    await open();
    await page.reaches('#received', 4);
    for (const chart of ['cpu', 'memory', 'loop-delay']) {
      expect(await page.points(chart)).toBeGreaterThanOrEqual(4);
      expect(await page.text(`#${chart} output`)).toMatch(/^\d+(\.\d)?\s(%|ms)$/);
    }
    await page.shows('#frames [data-kind="ping"]');
    expect(await page.text('#frames [data-kind="ping"] pre')).toBe(': ping\n\n');
    expect(await page.text('[data-stream="machine"] [data-kind="event"] pre')).toMatch(
      /^id: \d+\nevent: sample\ndata: \{"previousId":\d+,.*\}\n\n$/,
    );
    expect(await page.text('#frames [data-kind="other"] pre')).toMatch(/^retry: \d+/);
    // The watcher, the charts, and two for the frames.
    expect(await page.number('#open-streams')).toBe(4);
    expect([...page.origins]).toEqual([url]);
    await expectUnbroken();
  });

  it('goes on after the server was killed and started again, with the id that it had seen', async () => {
    const server = await serve();
    await open();
    await server.kill();
    await page.phase('reconnecting');
    expect(await page.text('#since')).toMatch(/^since \d+ s$/);
    const lastSeen = await page.text('#last-event-id');
    const received = await page.number('#received');

    await serve();
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
    await serve();
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
    const server = await serve();
    await open();
    await server.kill();
    await page.phase('reconnecting');
    const lastSeen = await page.text('#last-event-id');
    await rm(join(built.temporary, `nestjs-event-stream-sample-${port}.jsonl`));
    await serve();
    await page.shows('#news[data-kind="gap"]');
    expect(await page.text('#news')).toContain(`gap: what followed id ${lastSeen} is gone (expired)`);
    await page.phase('open');
    const received = await page.number('#received');
    await page.reaches('#received', received + 2);
    await expectUnbroken();
  });

  it('lets the connections of the frames go while they are paused', async () => {
    await serve();
    await open();
    await page.reaches('#open-streams', 4, 4);
    await page.click('pause');
    await page.reaches('#open-streams', 2, 2);
    await page.click('pause');
    await page.reaches('#open-streams', 4, 4);
  });

  it('fits a telephone', async () => {
    await serve();
    await open(375);
    await page.shows('#frames [data-kind="event"]');
    expect(await page.overflow()).toBe(0);
  });
});
