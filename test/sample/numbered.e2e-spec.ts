import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { openRaw, readRaw } from '../pusher/support/raw-client.js';
import { describeWithRedis, redisUrl } from '../redis/support/redis-describe.js';
import { BuiltSample } from './support/built-sample.js';
import { freePort, type SampleProcess } from './support/sample-process.js';

jest.setTimeout(120_000);

const SAMPLES = new URL('../../sample/', import.meta.url);
const names = readdirSync(SAMPLES).filter((name) => /^\d\d-/.test(name));
const JSON_BODY = { 'Content-Type': 'application/json' };

let built: BuiltSample;
let running: SampleProcess | undefined;

beforeAll(async () => {
  built = await BuiltSample.buildNumbered();
});
afterAll(() => built.remove());
afterEach(async () => {
  await running?.kill();
  running = undefined;
});

/** @returns the port that it listens on, once it has said what to try */
async function start(number: string, env: NodeJS.ProcessEnv = {}, last = /curl .*\n/): Promise<number> {
  const port = await freePort();
  running = built.runNumbered(number, { ...env, PORT: String(port) });
  await running.printed(last);
  return port;
}

/** Told to end, it ends its stream, and itself with nothing left. */
async function endsWith(stream: { untilEnd(): Promise<string> }): Promise<void> {
  const { signal } = await running!.kill('SIGTERM');
  expect(await stream.untilEnd()).toMatch(/\n\nretry: \d+\n\n$/);
  expect([signal, running!.errors]).toEqual(['SIGTERM', '']);
}

describe('numbered samples', () => {
  it('are counted from 01 without a hole, and are all in the table', () => {
    expect(names.map((name) => Number(name.slice(0, 2)))).toEqual(names.map((_name, at) => at + 1));
    const table = readFileSync(new URL('README.md', SAMPLES), 'utf8');
    for (const name of names) expect(table).toContain(`| \`npm run sample ${name.slice(0, 2)}\` | [`);
    for (const name of names) expect(table).toContain(`](${name}/main.ts)`);
  });

  it('are named to who does not say which one', async () => {
    running = built.runNumbered();
    expect((await running.ended).code).toBe(0);
    for (const name of names) expect(running.output).toContain(name);
  });

  it('01 is a clock', async () => {
    const stream = await openRaw(await start('01'), '/clock');
    await stream.untilText('event: tick\ndata: {"at":"20');
    await endsWith(stream);
  });

  it('02 gives tokens, and is not asked twice', async () => {
    const port = await start('02');
    const parts = { method: 'POST', headers: JSON_BODY, body: '{"prompt":"hello"}' };
    const text = await (await openRaw(port, '/chat', parts)).untilEnd();
    expect([...text.matchAll(/"token":"([^"]*)"/g)].map(([, token]) => token)).toEqual(['You ', 'said: ', 'hello ']);
    expect(text).toMatch(/event: done\ndata:\n\nid: ~end\n\n$/);
    expect((await running!.kill('SIGTERM')).signal).toBe('SIGTERM');
  });

  it.each([
    ['03', '/notices', 'POST', '/notices', '{"text":"hello"}', 'event: notice\ndata: {"text":"hello"}'],
    ['07', '/carts/7', 'PUT', '/carts/7/tea', '{"quantity":2}', 'event: item\ndata: {"item":"tea","quantity":2}'],
  ])('%s tells of what is changed, also who comes back', async (number, path, method, target, body, frame) => {
    const port = await start(number);
    const stream = await openRaw(port, path);
    const [, id] = /^id: (\S+)\n\n/m.exec(await stream.until((text) => /^id: \S+\n\n/m.test(text))) ?? [];
    await readRaw(port, target, { method, headers: JSON_BODY, body });
    await stream.untilText(frame);
    const back = await openRaw(port, path, { headers: { 'Last-Event-ID': id! } });
    await back.untilText(frame);
    await endsWith(back);
  });

  it('04 handles each order once, over lost connections and a restart', async () => {
    const port = await start('04');
    await running!.printed(/^order 2$/m);
    expect((await running!.kill('SIGTERM')).signal).toBe('SIGTERM');
    const before = ordersIn(running!);
    running = built.runNumbered('04', { PORT: String(port) });
    await running.printed(/^order \d+$/m);
    expect(ordersIn(running)[0]).toBe(before.at(-1)! + 1);
    expect((await running.kill('SIGTERM')).signal).toBe('SIGTERM');
  });

  it('06 passes, and ends by itself', async () => {
    running = built.runNumbered('06');
    expect((await running.ended).code).toBe(0);
    expect(running.output).toMatch(/pass 2$/m);
  });
});

describeWithRedis('numbered samples with Redis', () => {
  it('05 has at one instance what was posted at the other', async () => {
    await start('05', { REDIS_URL: await redisUrl() }, /curl .* -d .*\n/);
    const [one, other] = [...running!.output.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
    const stream = await openRaw(one!, '/notices');
    await readRaw(other!, '/notices', { method: 'POST', headers: JSON_BODY, body: '{"text":"hello"}' });
    await stream.untilText('data: {"text":"hello"}\n\n');
    await endsWith(stream);
  });
});

function ordersIn({ output }: SampleProcess): number[] {
  return [...output.matchAll(/^order (\d+)$/gm)].map(([, order]) => Number(order));
}
