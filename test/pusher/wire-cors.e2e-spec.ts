import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, UseGuards } from '@nestjs/common';
import { SseStream } from '../../lib/index.js';
import { HandedOver } from './support/handed-over.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { openRaw, readRaw } from './support/raw-client.js';

const PAGE = 'https://page.example';
const CREDENTIALS = { origin: [PAGE], credentials: true };

@Controller()
class RefusedController {
  @SseStream('refused')
  @UseGuards({ canActivate: () => false })
  *refused(): Generator<string> {
    yield 'never';
  }

  @SseStream('ended', { onEnd: 'stop' })
  *ended(): Generator<string> {
    yield 'all';
  }
}

describe.each(PLATFORMS)('CORS with credentials on %s', (platform) => {
  let app: TestApp;

  afterEach(() => app.close());

  async function start(cors: object = CREDENTIALS): Promise<HandedOver> {
    const handedOver = new HandedOver();
    app = await startApp(platform, {
      controllers: [handedOver.controller, RefusedController],
      configure: (nest) => nest.enableCors(cors),
    });
    return handedOver;
  }

  const from = (Origin: string, headers = {}) => ({ headers: { Origin, ...headers } });
  const ALLOWED = { 'access-control-allow-origin': PAGE, 'access-control-allow-credentials': 'true' };

  it('is in the head of a stream', async () => {
    await start();
    const stream = await openRaw(app.port, '/stream', from(PAGE));
    expect(stream.headers).toMatchObject(ALLOWED);
    expect(stream.headers.vary).toMatch(/\bOrigin\b/i);
    stream.leave();
  });

  it('allows no page that is not listed', async () => {
    await start();
    const stream = await openRaw(app.port, '/stream', from('https://other.example'));
    expect(stream.headers).not.toHaveProperty('access-control-allow-origin');
    stream.leave();
  });

  it('is in answers that are no streams, so that a page can read why', async () => {
    await start();
    const refused = await readRaw(app.port, '/refused', from(PAGE));
    expect([refused.status, refused.headers]).toEqual([403, expect.objectContaining(ALLOWED)]);
    const ended = await readRaw(app.port, '/ended', from(PAGE, { 'Last-Event-ID': '~end' }));
    expect([ended.status, ended.headers]).toEqual([204, expect.objectContaining(ALLOWED)]);
    const head = await readRaw(app.port, '/stream', { method: 'HEAD', ...from(PAGE) });
    expect([head.status, head.headers]).toEqual([200, expect.objectContaining(ALLOWED)]);
  });

  it('lets a page that sends Last-Event-ID itself ask first, and resume', async () => {
    await start();
    const preflight = await readRaw(app.port, '/stream', {
      method: 'OPTIONS',
      ...from(PAGE, {
        'Access-Control-Request-Method': 'GET',
        'Access-Control-Request-Headers': 'last-event-id',
      }),
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject(ALLOWED);
    expect(preflight.headers['access-control-allow-headers']).toMatch(/last-event-id/i);
  });

  it('is the same on what a closing application answers', async () => {
    await start();
    const stream = await openRaw(app.port, '/stream', from(PAGE));
    const closing = app.close();
    await stream.untilEnd();
    expect(stream.headers).toMatchObject(ALLOWED);
    await closing;
  });
});
