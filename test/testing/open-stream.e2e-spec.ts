import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  Body,
  Controller,
  ForbiddenException,
  Get,
  HttpCode,
  type INestApplication,
  NotFoundException,
  Param,
  Post,
  Query,
} from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  LastEventId,
  Pusher,
  SseChannels,
  SseModule,
  SsePusher,
  SseStream,
  SseStreamRegistry,
} from 'nestjs-event-stream';
import { openStream } from 'nestjs-event-stream/testing';
import { Subject } from 'rxjs';
import { PLATFORMS, type Platform } from '../pusher/support/platforms.js';
import { failureOf } from './support/failure-of.js';

const answers = new Subject<string>();

@Controller()
class StreamsController {
  static readonly pushers: SsePusher[] = [];

  constructor(private readonly channels: SseChannels) {}

  @SseStream('channel/:name')
  follow(@Param('name') name: string) {
    return this.channels.subscribe(name);
  }

  @SseStream('push')
  push(@Pusher() pusher: SsePusher, @LastEventId() seen?: string) {
    StreamsController.pushers.push(pusher);
    void pusher.push({ event: 'hello', data: { seen: seen ?? null } });
  }

  @Post('ask')
  @SseStream({ openAfterMs: 'first-message' })
  ask(@Body() _body: unknown) {
    return answers;
  }

  @Post('echo')
  @SseStream()
  async *echo(@Body() body: unknown) {
    yield { event: 'echo', data: body };
  }

  @SseStream('refused')
  async refused(@Query('with') status: string): Promise<never> {
    throw status === '403' ? new ForbiddenException() : new NotFoundException('no such stream');
  }

  @Get('nothing')
  @HttpCode(204)
  nothing() {}

  @Get('silence')
  silence() {
    return new Promise(() => {});
  }
}

async function createApp(platform: Platform): Promise<INestApplication> {
  const imports = [SseModule.forRoot({ retryMs: false })];
  const testing = await Test.createTestingModule({ imports, controllers: [StreamsController] }).compile();
  testing.useLogger(false);
  return platform === 'fastify'
    ? testing.createNestApplication(new FastifyAdapter() as never)
    : testing.createNestApplication();
}

describe.each(PLATFORMS)('openStream() on %s', (platform) => {
  let app: INestApplication;

  afterEach(async () => {
    StreamsController.pushers.length = 0;
    await app.close();
  });

  it('has the application listen on the loopback interface, for several at once too', async () => {
    app = await createApp(platform);
    const streams = await Promise.all([openStream(app, '/channel/a'), openStream(app, '/channel/a')]);
    expect(app.getHttpServer().address()).toMatchObject({ address: '127.0.0.1' });
    expect(app.get(SseStreamRegistry).count).toBe(2);
    expect(streams.map(({ status }) => status)).toEqual([200, 200]);
    expect(streams[0]?.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  });

  it('takes an application that listens already, everywhere', async () => {
    app = await createApp(platform);
    await app.listen(0);
    expect((await openStream(app, '/channel/a')).status).toBe(200);
  });

  it('is open when it resolves: what is published then arrives', async () => {
    app = await createApp(platform);
    const channels = app.get(SseChannels);
    for (let n = 0; n < 20; n++) {
      const stream = await openStream(app, '/channel/a');
      await channels.publish('a', { event: 'n', data: n });
      expect(await stream.next()).toMatchObject({ event: 'n', data: `${n}` });
    }
  });

  it('has left when close() or cut() resolves, and says so', async () => {
    app = await createApp(platform);
    const registry = app.get(SseStreamRegistry);
    for (const leave of ['close', 'cut'] as const) {
      const stream = await openStream(app, '/push');
      await stream[leave]();
      expect(registry.count).toBe(0);
      expect(StreamsController.pushers.at(-1)?.signal.reason).toEqual({ reason: 'client' });
      expect(await stream.closed).toBe('left');
      await stream[leave]();
    }
  });

  it('is left by await using', async () => {
    app = await createApp(platform);
    {
      await using stream = await openStream(app, '/push');
      expect(await stream.next()).toMatchObject({ event: 'hello' });
    }
    expect(app.get(SseStreamRegistry).count).toBe(0);
  });

  it('sends a method, headers, an id and a body', async () => {
    app = await createApp(platform);
    const resumed = await openStream(app, '/push', { lastEventId: 'grüße', headers: { Accept: 'text/event-stream' } });
    expect((await resumed.next()).json()).toEqual({ seen: 'grüße' });
    expect(resumed.lastEventId).toBe('grüße');
    const echo = await openStream(app, '/echo', { body: { a: 1 } });
    expect((await echo.next()).json()).toEqual({ a: 1 });
    const form = { method: 'POST', body: '{"raw":true}', headers: { 'Content-Type': 'application/json' } };
    expect((await (await openStream(app, '/echo', form)).next()).json()).toEqual({ raw: true });
  });

  it('does not wait for a head that is held, if so told, but for the handler', async () => {
    app = await createApp(platform);
    const stream = await openStream(app, '/ask', { body: {}, awaitHead: false });
    expect(answers.observed).toBe(true);
    expect(() => stream.status).toThrow(expect.objectContaining({ code: 'SSE_TEST', problem: 'held' }));
    answers.next('first');
    expect((await stream.next()).data).toBe('first');
    expect(stream.status).toBe(200);
  });

  it('says why a response has not begun in time, and leaves', async () => {
    app = await createApp(platform);
    const error = await failureOf(openStream(app, '/ask', { body: {}, timeoutMs: 20 }));
    expect(error).toMatchObject({ code: 'SSE_TEST', problem: 'timeout' });
    expect(error.message).toMatch(/^POST \/ask: the response has not begun within 20 ms, .*awaitHead\. What came/);
    expect(answers.observed).toBe(false);
  });

  it.each([
    ['/refused?with=403', 403],
    ['/refused?with=404', 404],
    ['/nowhere', 404],
    ['/nothing', 204],
  ])('resolves with what %s is refused with', async (path, status) => {
    app = await createApp(platform);
    const stream = await openStream(app, path);
    expect(stream.status).toBe(status);
    expect(stream.text === '' ? undefined : JSON.parse(stream.text).statusCode).toBe(
      status === 204 ? undefined : status,
    );
    expect(await stream.closed).toBe('ended');
    const error = await failureOf(stream.next());
    expect(error.problem).toBe('refused');
    expect(error.message).toContain(`GET ${path} (${status})`);
  });

  it('resolves when a refusal comes where no head was waited for, too', async () => {
    app = await createApp(platform);
    expect((await openStream(app, '/nowhere', { awaitHead: false })).status).toBe(404);
  });

  it('rejects with the reason of a signal that is aborted before, and leaves when it is later', async () => {
    app = await createApp(platform);
    const abort = new AbortController();
    const stream = await openStream(app, '/push', { signal: abort.signal });
    const opening = openStream(app, '/silence', { signal: abort.signal });
    await stream.next();
    abort.abort('enough');
    expect(await stream.closed).toBe('left');
    await expect(opening).rejects.toBe('enough');
    await expect(openStream(app, '/push', { signal: abort.signal })).rejects.toBe('enough');
  });

  it('rejects when the application is closed', async () => {
    app = await createApp(platform);
    const stream = await openStream(app, '/push');
    await app.close();
    expect(await stream.closed).toBe('ended');
    expect(await failureOf(openStream(app, '/push'))).toMatchObject({ code: 'SSE_TEST', problem: 'cut' });
  });

  it('rejects when an application is closed that has listened by itself, and does not start it again', async () => {
    app = await createApp(platform);
    await app.listen(0, '127.0.0.1');
    await (await openStream(app, '/push')).close();
    await app.close();
    expect(await failureOf(openStream(app, '/push'))).toMatchObject({ code: 'SSE_TEST', problem: 'cut' });
    expect(app.getHttpServer().listening).toBe(false);
  });

  it('works for what is no stream of this package, and without its module', async () => {
    @Controller()
    class PlainController {
      @Get('plain')
      plain() {
        return { plain: true };
      }
    }
    const testing = await Test.createTestingModule({ controllers: [PlainController] }).compile();
    app =
      platform === 'fastify'
        ? testing.createNestApplication(new FastifyAdapter() as never)
        : testing.createNestApplication();
    const exit = jest.spyOn(process, 'exit');
    const response = await openStream(app, '/plain', { awaitHead: false });
    expect(JSON.parse(response.text)).toEqual({ plain: true });
    await response.close();
    expect(exit).not.toHaveBeenCalled();
  });
});
