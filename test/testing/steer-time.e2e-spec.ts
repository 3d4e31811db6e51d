import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { SseChannels, SseStream } from 'nestjs-event-stream';
import { openStream, type SteeredTime, steerTime } from 'nestjs-event-stream/testing';
import { CompiledApps } from '../pusher/support/compiled-app.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';

const MINUTE = 60_000;

@Controller()
class NewsController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream('news')
  follow() {
    return this.channels.subscribe('news');
  }
}

describe.each(PLATFORMS)('steerTime() on %s', (platform) => {
  let app: TestApp;
  let channels: SseChannels;
  let time: SteeredTime;

  beforeEach(async () => {
    const sse = { retryMs: false, history: { ageMs: 5 * MINUTE }, channels: { tombstoneMs: 5 * MINUTE } } as const;
    app = await startApp(platform, { controllers: [NewsController], sse });
    channels = app.app.get(SseChannels);
    time = steerTime();
  });

  afterEach(async () => {
    time.restore();
    await app.close();
  });

  it('has history grow old', async () => {
    const lastEventId = await channels.publish('news', '1');
    await channels.publish('news', '2');
    await time.pass(4 * MINUTE);
    const inTime = await openStream(app.app, '/news', { lastEventId });
    expect(await inTime.next()).toMatchObject({ event: 'message', data: '2' });
    await time.pass(2 * MINUTE);
    const tooLate = await openStream(app.app, '/news', { lastEventId });
    expect((await tooLate.next()).json()).toMatchObject({ lastEventId, reason: 'expired' });
  });

  it('has the end of a channel be forgotten', async () => {
    const open = async () => (await openStream(app.app, '/news')).status;
    await channels.close('news', { final: 'the end' });
    expect(await open()).toBe(204);
    await time.pass(4 * MINUTE);
    expect(await open()).toBe(204);
    await expect(channels.publish('news', 'too early')).rejects.toMatchObject({ problem: 'closed' });
    await time.pass(2 * MINUTE);
    expect(await open()).toBe(200);
    await channels.publish('news', 'again');
  });

  it('gives the clock back, also after it was taken twice', () => {
    const inner = steerTime();
    expect(Object.hasOwn(performance, 'now')).toBe(true);
    inner.restore();
    expect(Object.hasOwn(performance, 'now')).toBe(true);
    time[Symbol.dispose]();
    expect(Object.hasOwn(performance, 'now')).toBe(false);
  });

  it('passes no time of its own', async () => {
    const before = performance.now();
    await time.pass(MINUTE);
    time.restore();
    expect(performance.now()).toBeLessThan(before + MINUTE);
  });
});

/** The kit without Jest: what is expected is expected by node's own test runner. */
const underNodeTest = `
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SseModule, SseStream, SseStreamRegistry } from './lib/index.js';
import { openStream, steerTime } from './lib/testing/index.js';
import { NEVER } from 'rxjs';

@Controller()
class QuietController {
  @SseStream('quiet')
  quiet() {
    return NEVER;
  }
}

@Module({ imports: [SseModule.forRoot()], controllers: [QuietController] })
class AppModule {}

test('pings after silence, as often as time goes by', async (t) => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const time = steerTime((ms) => mock.timers.tick(ms));
  const app = await NestFactory.create(AppModule, { logger: false });
  t.after(async () => {
    time.restore();
    mock.timers.reset();
    await app.close();
  });
  const stream = await openStream(app, '/quiet');
  console.log(app.getHttpServer().address().port);
  await time.pass(14_000);
  await assert.rejects(stream.until(() => stream.pings > 0, 1), { code: 'SSE_TEST', problem: 'timeout' });
  await time.pass(2500);
  for (let pings = 1; pings <= 3; pings++) {
    await stream.until(() => stream.pings === pings);
    await time.pass(16_300);
  }
  await stream.close();
  assert.equal(app.get(SseStreamRegistry).count, 0);
});
`;

describe('steerTime() with node:test', () => {
  let apps: CompiledApps;

  beforeAll(async () => {
    apps = await CompiledApps.build();
  });

  afterAll(() => apps.remove());

  it('makes the mock timers and the clock go by together', async () => {
    const run = await apps.start('pings', underNodeTest);
    expect([await run.untilExit(), run.output]).toEqual([0, expect.stringMatching(/pass 1\b/)]);
  });
});
