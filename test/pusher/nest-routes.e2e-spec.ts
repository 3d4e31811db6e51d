import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { All, Controller, HttpCode, Post, Put, Version, VersioningType } from '@nestjs/common';
import { SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

@Controller('streams')
class RoutesController {
  @SseStream()
  *own() {
    yield 'own path';
  }

  @SseStream(['first', 'second'])
  *several() {
    yield 'one of several paths';
  }

  @Post('above')
  @SseStream()
  *postAbove() {
    yield 'POST above';
  }

  @SseStream()
  @Post('below')
  *postBelow() {
    yield 'POST below';
  }

  @All('all')
  @SseStream()
  *all() {
    yield 'any method';
  }

  @HttpCode(202)
  @SseStream('code-above')
  *codeAbove() {
    yield 'status above';
  }

  @SseStream('code-below')
  @HttpCode(202)
  *codeBelow() {
    yield 'status below';
  }

  @Put('code-and-method')
  @HttpCode(202)
  @SseStream()
  *codeAndMethod() {
    yield 'all of them';
  }
}

@Controller({ path: 'news', version: '1' })
class NewsController {
  @SseStream()
  *first() {
    yield 'version 1';
  }

  @Version('2')
  @SseStream()
  *second() {
    yield 'version 2';
  }

  @SseStream()
  @Version('3')
  *third() {
    yield 'version 3';
  }
}

describe.each(PLATFORMS)('routes on %s', (platform) => {
  let server: TestApp;

  beforeAll(async () => {
    server = await startApp(platform, {
      controllers: [RoutesController],
      sse: { retryMs: false },
    });
  });

  afterAll(() => server.close());

  it.each([
    ['GET', '/streams', 'own path'],
    ['GET', '/streams/first', 'one of several paths'],
    ['GET', '/streams/second', 'one of several paths'],
    ['POST', '/streams/above', 'POST above'],
    ['POST', '/streams/below', 'POST below'],
    ['GET', '/streams/all', 'any method'],
    ['DELETE', '/streams/all', 'any method'],
    ['GET', '/streams/code-above', 'status above'],
    ['GET', '/streams/code-below', 'status below'],
    ['PUT', '/streams/code-and-method', 'all of them'],
  ])('streams with status 200 at %s %s', async (method, path, data) => {
    const { status, headers, text } = await readRaw(server.port, path, { method });

    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(text).toBe(`data: ${data}\n\n`);
  });

  it.each(['/streams/above', '/streams/below'])('has no GET at %s', async (path) => {
    expect((await readRaw(server.port, path)).status).toBe(404);
  });
});

describe.each(PLATFORMS)('versions and a prefix on %s', (platform) => {
  let server: TestApp;

  beforeAll(async () => {
    server = await startApp(platform, {
      controllers: [NewsController],
      sse: { retryMs: false },
      configure: (app) => app.setGlobalPrefix('api').enableVersioning({ type: VersioningType.URI }),
    });
  });

  afterAll(() => server.close());

  it.each(['1', '2', '3'])('streams version %s', async (version) => {
    expect((await readRaw(server.port, `/api/v${version}/news`)).text).toBe(`data: version ${version}\n\n`);
  });

  it.each(['/news', '/api/news', '/v1/news', '/api/v4/news'])('has nothing at %s', async (path) => {
    expect((await readRaw(server.port, path)).status).toBe(404);
  });
});
