import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CompiledApps, type RunningApp } from '../pusher/support/compiled-app.js';
import { openRaw, readRaw } from '../pusher/support/raw-client.js';
import { canRunNginx, Nginx } from '../receiver/support/nginx.js';
import { describeWithRedis, redisUrl } from '../redis/support/redis-describe.js';
import { freePort } from '../sample/support/sample-process.js';
import { blocksOf, EXAMPLES } from './support/pages.js';

jest.setTimeout(60_000);

const PAGE = 'docs/getting-started-in-production.md';
const FILES = ['clock.controller', 'notices.controller', 'main'];

const sourceOf = (name: string) => readFileSync(new URL(`${name}.ts`, EXAMPLES), 'utf8');

let apps: CompiledApps;

beforeAll(async () => {
  apps = await CompiledApps.build();
  for (const name of FILES) await apps.add(name, sourceOf(name));
});
afterAll(() => apps.remove());

/** Resolves when the program answers on its port. */
async function serve(env: NodeJS.ProcessEnv): Promise<RunningApp> {
  const running = apps.run('main', env);
  await running.untilOutput(/Nest application successfully started/);
  await untilAnswered(Number(env['PORT']));
  return running;
}

/** Nest says that it has started before it listens, and nothing after that. */
async function untilAnswered(port: number): Promise<void> {
  const isAnswered = () =>
    readRaw(port, '/').then(
      () => true,
      () => false,
    );
  while (!(await isAnswered())) await setTimeout(2);
}

async function post(port: number, text: string): Promise<string> {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await readRaw(port, '/notices', { method: 'POST', headers, body: JSON.stringify({ text }) });
  return answer.json.id;
}

it('streams a clock and notices, and ends them at SIGTERM', async () => {
  await apps.add('app.module', sourceOf('app.module'));
  const port = await freePort();
  const running = await serve({ PORT: String(port) });
  const clock = await openRaw(port, '/clock');
  await clock.untilText('event: tick\ndata: {"at":"20');
  clock.leave();

  const first = await openRaw(port, '/notices');
  await first.untilText('id: ');
  const id = await post(port, 'one');
  await first.untilText(`id: ${id}\nevent: notice\ndata: {"text":"one"}\n\n`);
  await post(port, 'two');
  const back = await openRaw(port, '/notices', { headers: { 'Last-Event-ID': id } });
  await back.untilText('"two"');
  expect(back.text).not.toContain('"one"');

  running.signal('SIGTERM');
  expect(await back.untilEnd()).toMatch(/\n\nretry: \d+\n\n$/);
  expect(await running.untilExit()).toBe('SIGTERM');
});

const describeInProduction = canRunNginx() ? describeWithRedis : describe.skip;

describeInProduction('two instances behind nginx', () => {
  it('have the same notices, and one goes on for the other', async () => {
    await apps.add('app.module', sourceOf('app-on-redis.module'));
    const ports = [await freePort(), await freePort()];
    const REDIS_URL = await redisUrl();
    const instances = await Promise.all(ports.map((port) => serve({ PORT: String(port), REDIS_URL })));
    const front = await freePort();
    const [lines] = blocksOf(PAGE, 'nginx');
    const configured = lines!
      .replace('listen 8080', `listen 127.0.0.1:${front}`)
      .replace('127.0.0.1:3001', `127.0.0.1:${ports[0]}`)
      .replace('127.0.0.1:3002', `127.0.0.1:${ports[1]}`);
    const nginx = await Nginx.start('', configured);

    const stream = await openRaw(front, '/notices');
    await stream.untilText('id: ');
    const direct = await Promise.all(ports.map((port) => openRaw(port, '/notices')));
    const id = await post(ports[0]!, 'one');
    await post(ports[1]!, 'two');
    await Promise.all([stream, ...direct].map((each) => each.untilText('"two"')));

    instances[0]!.signal('SIGTERM');
    await instances[0]!.untilExit();
    await post(front, 'three');
    const back = await openRaw(front, '/notices', { headers: { 'Last-Event-ID': id } });
    await back.untilText('"three"');
    expect([...back.text.matchAll(/"text":"(\w+)"/g)].map(([, text]) => text)).toEqual(['two', 'three']);
    for (const each of [back, stream, ...direct]) each.leave();
    instances[1]!.signal('SIGTERM');
    await instances[1]!.untilExit();
    await nginx.remove();
  });
});
