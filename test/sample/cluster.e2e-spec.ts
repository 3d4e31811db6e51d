import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import type { Browser, BrowserContext } from 'playwright-core';
import { describeWithOwnRedis } from '../redis/support/redis-describe.js';
import { canBrowse, launchChromium } from './support/chromium.js';
import { OpenPage } from './support/open-page.js';
import type { SampleProcess } from './support/sample-process.js';
import { useSample } from './support/use-sample.js';

// Building takes a while, and three instances start more slowly than one.
jest.setTimeout(180_000);

const sample = useSample();

/** The process of an instance, by what the cluster has printed last about it. */
function pidOf(name: string, { output }: SampleProcess): number {
  const lines = [...output.matchAll(new RegExp(`${name} serves; to kill it: kill -9 (\\d+)`, 'g'))];
  return Number(lines.at(-1)![1]);
}

async function post(text: string): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${sample.url}/notices`, { method: 'POST', headers, body: JSON.stringify({ text }) });
}

/** Posts one notice after another until it is told to stop. */
class Poster {
  /** Those that were taken, in their order. */
  readonly posted: string[] = [];
  private going = true;
  private readonly done = this.run();

  async stop(): Promise<void> {
    this.going = false;
    await this.done;
  }

  private async run(): Promise<void> {
    for (let n = 0; this.going && n < 45; n++) {
      const text = `Notice ${n}.`;
      // The request that is in the hands of who is killed fails, as it would for anybody.
      const taken = await post(text).then(
        ({ status }) => status === 201,
        () => false,
      );
      if (taken) this.posted.push(text);
      await nextSample();
    }
  }
}

/** Paces by what the server does: no more than a notice for each sample of the machine. */
async function nextSample(): Promise<void> {
  const { body } = await fetch(`${sample.url}/machine`);
  let text = '';
  try {
    for await (const part of body!.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (text.includes('event: sample')) return;
    }
  } catch {
    // Its instance was killed: so much the sooner comes the next notice.
  }
}

describeWithOwnRedis('the cluster of samples', () => {
  let cluster: SampleProcess;

  beforeEach(async () => {
    cluster = sample.run(sample.port, 'cluster');
    for (const n of [1, 2, 3]) await cluster.printed(new RegExp(`instance ${n} serves`));
  });

  afterEach(async () => {
    expect((await cluster.kill('SIGTERM')).code).toBe(0);
  });

  it('goes round its instances, and puts a notice that one takes on the boards of all', async () => {
    const seen = new Set<string>();
    for (let n = 0; n < 3; n++) {
      expect((await post(`Notice ${n}`)).status).toBe(201);
      const { body } = await fetch(`${sample.url}/notices`);
      let text = '';
      for await (const part of body!.pipeThrough(new TextDecoderStream())) {
        text += part;
        if (text.includes(`Notice ${n}`)) break;
      }
      seen.add(/"by":"(.+?)"/.exec(text)![1]!);
      expect(text.match(/Notice \d/g)).toEqual(Array.from({ length: n + 1 }, (_, i) => `Notice ${i}`));
    }
    // Two requests a round, and three instances: each has had a stream.
    expect([...seen].sort()).toEqual(['instance 1', 'instance 2', 'instance 3']);
  });

  it('says in one line that the port is taken, and leaves nothing behind', async () => {
    const second = sample.run(sample.port, 'cluster');
    expect(await second.ended).toEqual({ code: 1, signal: null });
    const command = `PORT=${sample.port + 1} npm run sample:cluster`;
    expect(second.errors).toBe(`Port ${sample.port} is taken. Choose another one: ${command}\n`);
  });

  it('starts an instance again that was killed', async () => {
    process.kill(pidOf('instance 2', cluster), 'SIGKILL');
    await cluster.printed(/instance 2 is gone \(SIGKILL\)[\s\S]*instance 2 serves/);
    expect((await post('After it')).status).toBe(201);
  });

  (canBrowse() ? it : it.skip)('moves the tabs of a killed instance to another one, and loses no notice', async () => {
    const browser: Browser = await launchChromium();
    try {
      const profile: BrowserContext = await browser.newContext();
      const tabs = [await OpenPage.open(profile, sample.url), await OpenPage.open(profile, sample.url)];
      for (const tab of tabs) await tab.phase('open', 'board-state');
      const poster = new Poster();
      await Promise.all(tabs.map((tab) => tab.noticed('Notice 1.')));

      const [tab] = tabs as [OpenPage, OpenPage];
      const before = await tab.text('#board-served-by');
      expect(before).toMatch(/^instance [123]$/);
      process.kill(pidOf(before, cluster), 'SIGKILL');
      await tab.phase('reconnecting', 'board-state');
      await tab.phase('open', 'board-state');
      await tab.shows(`#board-served-by:text-matches("^(?!${before}).+")`);
      await poster.stop();

      expect((await post('The last one.')).status).toBe(201);
      for (const each of tabs) {
        await each.noticed('The last one.');
        const texts = (await each.notices()).map((notice) => notice.replace(/^\w+: /, '')).reverse();
        // One that was refused may be up all the same, for only its answer was lost; what was taken is up once.
        expect(texts.filter((text) => poster.posted.includes(text))).toEqual(poster.posted);
        expect(new Set(texts).size).toBe(texts.length);
        expect(await each.text('#integrity')).toBe('0 missing, 0 doubled');
        expect(each.problems).toEqual([]);
      }
    } finally {
      await browser.close();
    }
  });

  (canBrowse() ? it : it.skip)('cuts a tab off, whichever instance is asked for it', async () => {
    const browser = await launchChromium();
    try {
      const tab = await OpenPage.open(browser, sample.url);
      for (let n = 0; n < 3; n++) {
        await tab.phase('open', 'state');
        await tab.click('cut');
        await tab.phase('reconnecting', 'state');
      }
    } finally {
      await browser.close();
    }
  });
});
