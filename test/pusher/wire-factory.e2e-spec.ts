import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject, NotFoundException, Query, Req, Res } from '@nestjs/common';
import { of } from 'rxjs';
import { type SsePusher, SsePusherFactory, SseStreamRegistry } from '../../lib/index.js';
import { HandedOver } from './support/handed-over.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { openRaw } from './support/raw-client.js';
import { unfinishedStreams } from './support/unfinished.js';

@Controller()
class ByHandController {
  last: SsePusher | undefined;

  constructor(@Inject(SsePusherFactory) private readonly pushers: SsePusherFactory) {}

  @Get('numbers')
  numbers(@Req() request: object, @Res() response: object): void {
    const pusher = this.pushers.create(request, response, { retryMs: false });
    this.last = pusher;
    void pusher.pipe(of('one', { id: '2', data: 'two' }), { end: true });
  }

  @Get('kept')
  kept(@Req() request: object, @Res() response: object): void {
    this.last = this.pushers.create(request, response);
    this.last.open();
  }

  @Get('maybe')
  maybe(@Req() request: object, @Res({ passthrough: true }) response: object, @Query('id') id?: string): void {
    if (!id) {
      throw new NotFoundException('no such stream');
    }
    const pusher = this.pushers.create(request, response, { retryMs: false });
    void pusher.push(`stream ${id}`).then(() => pusher.close());
  }
}

describe.each(PLATFORMS)('a handler that makes its pusher by hand on %s', (platform) => {
  let app: TestApp;

  afterEach(() => app.close());

  async function start(): Promise<ByHandController> {
    app = await startApp(platform, {
      controllers: [ByHandController],
      configure: (nest) => nest.enableCors({ origin: 'https://page.example' }),
    });
    return app.app.get(ByHandController);
  }

  it('streams with the same head as any stream', async () => {
    await start();
    const stream = await openRaw(app.port, '/numbers', { headers: { Origin: 'https://page.example' } });
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'access-control-allow-origin': 'https://page.example',
    });
    expect(await stream.untilEnd()).toBe('data: one\n\nid: 2\ndata: two\n\n');
  });

  it('may leave the reply to Nest until it has a stream', async () => {
    await start();
    expect((await openRaw(app.port, '/maybe')).status).toBe(404);
    expect(await (await openRaw(app.port, '/maybe?id=7')).untilEnd()).toBe('data: stream 7\n\n');
  });

  it('is told when the client leaves', async () => {
    const controller = await start();
    const stream = await openRaw(app.port, '/kept');
    expect(app.app.get(SseStreamRegistry).count).toBe(1);
    const aborted = new Promise((resolve) => controller.last!.signal.addEventListener('abort', resolve));
    stream.leave();
    await aborted;
    expect(controller.last!.signal.reason).toEqual({ reason: 'client' });
    expect(unfinishedStreams(app.app)).toBe(0);
  });

  it('has its streams ended at shutdown', async () => {
    await start();
    const stream = await openRaw(app.port, '/kept');
    await app.close();
    expect(await stream.untilEnd()).toMatch(/retry: \d+\n\n$/);
  });

  it('refuses options and exchanges that cannot be used, before anything is sent', async () => {
    await start();
    const factory = app.app.get(SsePusherFactory);
    const failure = (call: () => unknown) => {
      try {
        call();
      } catch (error) {
        return error;
      }
      return undefined;
    };
    expect(failure(() => factory.create(undefined, undefined))).toMatchObject({
      code: 'SSE_OPTIONS',
      message: expect.stringContaining('request'),
    });
    expect(failure(() => factory.create({ headers: {} }, {}))).toMatchObject({
      message: expect.stringContaining('response'),
    });
    expect(failure(() => factory.create({}, {}, { pingMs: -1 }))).toMatchObject({
      message: expect.stringContaining('pingMs'),
    });
  });
});

describe.each(PLATFORMS)("with guardReplies: false, Nest's own reply on %s", (platform) => {
  it('does not disturb a stream', async () => {
    const handedOver = new HandedOver();
    const app = await startApp(platform, { controllers: [handedOver.controller], sse: { guardReplies: false } });
    const stream = await openRaw(app.port, '/stream');
    const pusher = await handedOver.next();
    await stream.untilText('retry: ');
    for (const text of ['one', 'two']) {
      await pusher.push(text);
      await stream.untilText(`data: ${text}\n\n`);
    }
    await pusher.close();
    await stream.untilEnd();
    expect((await openRaw(app.port, '/unknown')).status).toBe(404);
    await app.close();
  });
});
