import { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { type SseModuleInput, SseStream, SseStreamRegistry } from '../../lib/index.js';
import { deferred } from './support/deferred.js';
import { eventually } from './support/eventually.js';
import { fill } from './support/fill.js';
import { HandedOver, reasonOf } from './support/handed-over.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { openRaw } from './support/raw-client.js';
import { RawSocket } from './support/raw-socket.js';
import { ShutdownGate } from './support/shutdown-gate.js';
import { unfinishedStreams } from './support/unfinished.js';

describe.each(PLATFORMS)('closing the application on %s', (platform) => {
  const agent = new Agent({ keepAlive: true });
  let app: TestApp;
  let handedOver: HandedOver;

  afterEach(async () => {
    await app.close();
    agent.destroy();
  });

  async function start(sse?: SseModuleInput): Promise<void> {
    const held = deferred();

    @Controller()
    class OtherController {
      @Get('plain')
      plain(): string {
        return 'plain';
      }

      @SseStream('held')
      async held(): Promise<string[]> {
        await held.promise;
        return ['never'];
      }
    }
    handedOver = new HandedOver();
    app = await startApp(platform, {
      controllers: [handedOver.controller, OtherController],
      providers: [ShutdownGate],
      sse,
    });
    // An idle connection that nobody closes would keep the server open for ever, and not only for five seconds.
    app.app.getHttpServer().keepAliveTimeout = 0;
    closingIsNotHeldUp();
  }

  const gate = () => app.app.get(ShutdownGate);
  const closingIsNotHeldUp = () => gate().open();

  it('ends every stream with the time to come back, the closing message, and the connection', async () => {
    await start({ closeMessage: { event: 'bye' }, retryMs: 2000, shutdown: { spreadMs: 1000 } });
    const streams = await Promise.all(Array.from({ length: 10 }, () => openRaw(app.port, '/stream', { agent })));
    const pushers = await Promise.all(streams.map(() => handedOver.next()));
    const connectionsGone = streams.map(
      ({ request }) => new Promise((resolve) => (request.socket as Socket).once('close', resolve)),
    );
    void pushers[0]!.push('last words');
    await app.close();
    const texts = await Promise.all(streams.map((stream) => stream.untilEnd()));
    expect(texts[0]).toContain('data: last words\n\n');
    const delays = texts.map((text) => Number(/\n\nretry: (\d+)\n\nevent: bye\ndata:\n\n$/.exec(text)?.[1]));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(2000);
    expect(Math.max(...delays)).toBeLessThan(3000);
    expect(new Set(delays).size).toBeGreaterThan(1);
    expect(await Promise.all(pushers.map(reasonOf))).toEqual(pushers.map(() => ({ reason: 'shutdown' })));
    await Promise.all(connectionsGone);
  });

  it('ends a stream whose head is still held as well', async () => {
    await start();
    const opening = openRaw(app.port, '/held', { agent });
    await eventually(() => unfinishedStreams(app.app) > 0);
    await app.close();
    const stream = await opening;
    expect(stream.status).toBe(200);
    expect(await stream.untilEnd()).toMatch(/retry: \d+\n\n$/);
  });

  it('cuts off who does not read, at the deadline, and nobody else', async () => {
    await start({ shutdown: { deadlineMs: 80 } });
    const reader = await openRaw(app.port, '/stream', { agent });
    await handedOver.next();
    const sleeper = (await RawSocket.connect(app.port)).get('/stream');
    const pusher = await handedOver.next();
    await sleeper.untilText('retry: ');
    sleeper.pause();
    await fill(pusher);
    await app.close();
    expect(await reader.untilEnd()).toMatch(/retry: \d+\n\n$/);
    sleeper.resume();
    expect(await sleeper.untilClosed()).not.toMatch(/\r\n0\r\n\r\n$/);
    expect(unfinishedStreams(app.app)).toBe(0);
  });

  it('is not delayed by idle connections, nor by streams that ended before', async () => {
    await start();
    const plain = await openRaw(app.port, '/plain', { agent });
    await plain.untilEnd();
    const idle = (await RawSocket.connect(app.port)).get('/stream');
    await (await handedOver.next()).close();
    await idle.untilText('\r\n0\r\n\r\n');
    await app.close();
    await idle.untilClosed();
  });

  it('can be asked for twice', async () => {
    await start();
    const stream = await openRaw(app.port, '/stream', { agent });
    await Promise.all([app.close(), app.close()]);
    await stream.untilEnd();
  });
});

describe.each(PLATFORMS)('a request that comes while the application closes on %s', (platform) => {
  let app: TestApp;
  let closed: Promise<void>;

  afterEach(async () => {
    app.app.get(ShutdownGate).open();
    await closed;
  });

  async function startClosing(sse?: SseModuleInput): Promise<HandedOver> {
    const handedOver = new HandedOver({ headers: { 'X-Route': 'yes' } });
    app = await startApp(platform, { controllers: [handedOver.controller], providers: [ShutdownGate], sse });
    closed = app.close();
    await app.app.get(ShutdownGate).reached;
    return handedOver;
  }

  it('is told when to come back, in a way that EventSource understands', async () => {
    const handedOver = await startClosing({ retryMs: 2000, shutdown: { spreadMs: 4000 } });
    const stream = await openRaw(app.port, '/stream', { agent: new Agent({ keepAlive: true }) });
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      connection: 'close',
      'x-route': 'yes',
    });
    const [, retry] = /^retry: (\d+)\n\n$/.exec(await stream.untilEnd()) ?? [];
    expect(Number(retry)).toBeGreaterThanOrEqual(2000);
    expect(Number(retry)).toBeLessThan(6000);
    expect(await Promise.race([handedOver.next(), Promise.resolve('no stream')])).toBe('no stream');
  });

  it("gets 503 and Retry-After with refuseWith: 'status'", async () => {
    await startClosing({ retryMs: 2000, shutdown: { spreadMs: 0, refuseWith: 'status' } });
    const response = await openRaw(app.port, '/stream');
    expect(response.status).toBe(503);
    expect(response.headers).toMatchObject({ 'retry-after': '2', 'content-type': expect.stringContaining('json') });
    expect(JSON.parse(await response.untilEnd())).toMatchObject({ statusCode: 503, code: 'SSE_CAPACITY' });
    expect(app.app.get(SseStreamRegistry).refusedCounts()).toEqual(new Map([['shutdown', 1]]));
  });
});
