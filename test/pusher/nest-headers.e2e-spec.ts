import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Header, type INestApplication, Res } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

@Controller()
class HeadersController {
  @Header('X-Above', 'above')
  @SseStream('decorated')
  @Header('X-Below', 'below')
  *decorated() {
    yield 'one';
  }

  @SseStream('options', { headers: { 'X-Route': 'route', 'x-both': 'route', 'Set-Cookie': ['a=1', 'b=2'] } })
  *options() {
    yield 'one';
  }

  @SseStream('caching', { headers: { 'cache-control': 'private, no-store' } })
  *caching() {
    yield 'one';
  }

  @SseStream('handler')
  *handler(@Res() response: { header(name: string, value: string): unknown }) {
    response.header('X-Handler', 'set');
    response.header('Content-Length', '5');
    yield 'longer than five';
  }
}

function useMiddleware(app: INestApplication): void {
  app.enableCors({ origin: ['https://shop.example'], credentials: true, exposedHeaders: ['X-Above'] });
  app.use((_request: unknown, response: { setHeader(name: string, value: string[]): void }, next: () => void) => {
    response.setHeader('Set-Cookie', ['session=1; HttpOnly', 'theme=dark']);
    next();
  });
  const instance = app.getHttpAdapter().getInstance() as Partial<FastifyInstance>;
  // Only Fastify has hooks; what they set is kept apart from node's response.
  instance.addHook?.('onRequest', async (_request, reply) => {
    reply.header('X-Hook', 'fastify');
  });
}

describe.each(PLATFORMS)('headers on %s', (platform) => {
  let server: TestApp;

  beforeAll(async () => {
    server = await startApp(platform, {
      controllers: [HeadersController],
      sse: { headers: { 'X-Module': 'module', 'X-Both': 'module' } },
      configure: useMiddleware,
    });
  });

  afterAll(() => server.close());

  it('of CORS are kept', async () => {
    const { headers } = await readRaw(server.port, '/decorated', { headers: { origin: 'https://shop.example' } });

    expect(headers['access-control-allow-origin']).toBe('https://shop.example');
    expect(headers['access-control-allow-credentials']).toBe('true');
    expect(headers['access-control-expose-headers']).toBe('X-Above');
    expect(headers.vary).toContain('Origin');
    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
  });

  it('and cookies of middleware are kept', async () => {
    const { headers } = await readRaw(server.port, '/decorated');

    expect(headers['set-cookie']).toEqual(['session=1; HttpOnly', 'theme=dark']);
    expect(headers['x-hook']).toBe(platform === 'fastify' ? 'fastify' : undefined);
  });

  it('of @Header() are kept, above and below', async () => {
    const { headers } = await readRaw(server.port, '/decorated');

    expect(headers['x-above']).toBe('above');
    expect(headers['x-below']).toBe('below');
  });

  it('of the options are added, those of the route over those of the module', async () => {
    const { headers } = await readRaw(server.port, '/options');

    expect(headers['x-module']).toBe('module');
    expect(headers['x-route']).toBe('route');
    expect(headers['x-both']).toBe('route');
    expect(headers['set-cookie']).toEqual(['session=1; HttpOnly', 'theme=dark', 'a=1', 'b=2']);
  });

  it('of the options win over those of a stream', async () => {
    expect((await readRaw(server.port, '/caching')).headers['cache-control']).toBe('private, no-store');
  });

  it('that the handler sets before it opens are kept, but for a length', async () => {
    const { headers, text } = await readRaw(server.port, '/handler');

    expect(headers['x-handler']).toBe('set');
    expect(headers['content-length']).toBeUndefined();
    expect(text).toContain('data: longer than five\n\n');
  });

  it('answer a preflight request', async () => {
    const { status, headers } = await readRaw(server.port, '/decorated', {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'GET' },
    });

    expect(status).toBe(204);
    expect(headers['access-control-allow-origin']).toBe('https://shop.example');
  });
});
