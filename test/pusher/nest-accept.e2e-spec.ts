import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ArgumentsHost, Catch, Controller, type ExceptionFilter, NotAcceptableException } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventSource } from 'eventsource';
import {
  isSseError,
  SseModule,
  SseNotAcceptableException,
  SsePusherFactory,
  SseStream,
  SseStreamRegistry,
} from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

@Controller()
class FeedController {
  called = 0;

  @SseStream('strict', { requireAccept: true, onEnd: 'stop' })
  *strict(): Generator<string> {
    this.called++;
    yield 'an event';
  }

  @SseStream('lenient')
  *lenient(): Generator<string> {
    yield 'an event';
  }
}

@Catch(NotAcceptableException)
class OwnAnswer implements ExceptionFilter {
  catch(error: NotAcceptableException, host: ArgumentsHost): void {
    host.switchToHttp().getResponse().status(error.getStatus()).header('X-Filtered', 'yes').send('not here');
  }
}

const accepting = (Accept: string) => ({ headers: { Accept } });

describe.each(PLATFORMS)('requireAccept on %s', (platform) => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startApp(platform, { controllers: [FeedController] });
  });

  afterAll(() => app.close());

  it('has a client that does not take event streams answered with 406, and no handler called', async () => {
    const before = app.app.get(FeedController).called;
    const response = await readRaw(app.port, '/strict', accepting('text/html, application/json'));
    expect(response.status).toBe(406);
    expect(response.headers['content-type']).toMatch(/^application\/json/);
    expect(response.json).toEqual({
      statusCode: 406,
      message: expect.stringContaining('text/event-stream'),
      code: 'SSE_NOT_ACCEPTABLE',
    });
    expect(app.app.get(FeedController).called).toBe(before);
    expect(app.app.get(SseStreamRegistry).count).toBe(0);
  });

  it.each(['text/event-stream', '*/*', 'text/*', 'application/json, text/event-stream;q=0.1'])(
    'serves a client that takes %s',
    async (accept) => {
      const response = await readRaw(app.port, '/strict', accepting(accept));
      expect([response.status, response.text]).toEqual([200, expect.stringContaining('data: an event\n\n')]);
    },
  );

  it('serves a client that says nothing', async () => {
    expect((await readRaw(app.port, '/strict')).status).toBe(200);
  });

  it('refuses a client that gives event streams a weight of 0', async () => {
    expect((await readRaw(app.port, '/strict', accepting('text/event-stream;q=0, */*'))).status).toBe(406);
  });

  it('answers HEAD as it would answer GET', async () => {
    const head = (accept: string) => readRaw(app.port, '/strict', { method: 'HEAD', ...accepting(accept) });
    expect((await head('application/json')).status).toBe(406);
    expect((await head('text/event-stream')).status).toBe(200);
  });

  it('refuses who comes back after the end, too, unless it takes event streams', async () => {
    const back = (Accept: string) => readRaw(app.port, '/strict', { headers: { Accept, 'Last-Event-ID': '~end' } });
    expect((await back('application/json')).status).toBe(406);
    expect((await back('text/event-stream')).status).toBe(204);
  });

  it('is not asked for by default', async () => {
    expect((await readRaw(app.port, '/lenient', accepting('application/json'))).status).toBe(200);
  });

  it('never stands in the way of EventSource', async () => {
    const source = new EventSource(`http://127.0.0.1:${app.port}/strict`);
    const [{ data }] = (await once(source as never, 'message')) as [{ data: string }];
    source.close();
    expect(data).toBe('an event');
  });
});

describe.each(PLATFORMS)('requireAccept as a default of the module on %s', (platform) => {
  it('holds for every route, and exception filters give the answer', async () => {
    const app = await startApp(platform, {
      controllers: [FeedController],
      sse: { requireAccept: true },
      configure: (nest) => nest.useGlobalFilters(new OwnAnswer()),
    });
    const response = await readRaw(app.port, '/lenient', accepting('application/json'));
    expect([response.status, response.headers['x-filtered'], response.text]).toEqual([406, 'yes', 'not here']);
    await app.close();
  });
});

describe('requireAccept with the factory on a plain server', () => {
  it('throws, so that the response is still there to be answered', async () => {
    const context = await NestFactory.createApplicationContext(SseModule.forRoot(), { logger: false });
    const factory = context.get(SsePusherFactory);
    const thrown: unknown[] = [];
    const server = createServer((request, response) => {
      try {
        factory.create(request, response, { requireAccept: true });
      } catch (error) {
        thrown.push(error);
        response.writeHead((error as SseNotAcceptableException).getStatus()).end();
      }
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const response = await readRaw((server.address() as AddressInfo).port, '/', accepting('image/png'));
    expect(response.status).toBe(406);
    expect(thrown).toEqual([expect.any(SseNotAcceptableException)]);
    expect(isSseError(thrown[0])).toBe(true);
    await context.close();
    await new Promise((resolve) => server.close(resolve));
  });
});
