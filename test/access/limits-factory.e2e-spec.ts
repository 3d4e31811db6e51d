import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, type INestApplicationContext, Req, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SseModule, type SseModuleOptions, type SsePusher, SsePusherFactory } from '../../lib/index.js';
import { serve } from '../docs/examples/limited-server.js';
import { eventually } from '../pusher/support/eventually.js';
import { reasonOf } from '../pusher/support/handed-over.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { openRaw, readRaw } from '../pusher/support/raw-client.js';
import { unfinishedStreams } from '../pusher/support/unfinished.js';
import { startLimited } from './support/limited-app.js';

describe("limits of the factory on node's own server", () => {
  let context: INestApplicationContext;
  let server: Server;
  let pushers: SsePusher[];
  let port: number;

  beforeEach(() => {
    pushers = [];
  });

  afterEach(async () => {
    await context.close();
    await new Promise((resolve) => server.close(resolve));
  });

  async function start(limits: SseModuleOptions['limits']): Promise<void> {
    const module = SseModule.forRoot({
      keys: ({ headers }) => ({ user: headers['x-user'] }),
      retryMs: 50,
      shutdown: { spreadMs: 0 },
      limits: limits!,
    });
    context = await NestFactory.createApplicationContext(module, { logger: false });
    server = serve(context.get(SsePusherFactory), (pusher) => {
      pushers.push(pusher);
      pusher.open();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    port = (server.address() as AddressInfo).port;
  }

  const ann = { headers: { 'X-User': 'ann' } };

  it('throw what the caller answers with, and have room again when somebody leaves', async () => {
    await start({ per: { user: 1 } });
    const first = await openRaw(port, '/', ann);
    const refused = await readRaw(port, '/', ann);
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.json).toMatchObject({ code: 'SSE_CAPACITY' });
    expect(pushers).toHaveLength(1);
    first.leave();
    await eventually(() => unfinishedStreams(context) === 0);
    expect((await openRaw(port, '/', ann)).status).toBe(200);
  });

  it("with refuseWith 'reconnect' give a closed pusher, whose request has been answered", async () => {
    await start({ maxStreams: 1, refuseWith: 'reconnect' });
    await openRaw(port, '/');
    expect((await readRaw(port, '/')).text).toBe('retry: 50\n\n');
    expect(pushers[1]!.state).toBe('closed');
    expect(await reasonOf(pushers[1]!)).toEqual({ reason: 'refused' });
    expect(await pushers[1]!.push('never')).toBe(false);
  });

  it('replace the oldest as on routes', async () => {
    await start({ per: { user: { max: 1, onFull: 'replace-oldest' } } });
    const older = await openRaw(port, '/', ann);
    await openRaw(port, '/', ann);
    expect(await older.untilEnd()).toContain('event: replaced\n');
    expect((await readRaw(port, '/', { headers: { ...ann.headers, 'Last-Event-ID': '~replaced' } })).status).toBe(204);
  });
});

describe.each(PLATFORMS)('limits of the factory with @Res() on %s', (platform) => {
  it('are answered by the exception filter', async () => {
    @Controller()
    class ByHandController {
      constructor(private readonly pushers: SsePusherFactory) {}

      @Get('by-hand')
      follow(@Req() request: object, @Res() response: object): void {
        this.pushers.create(request, response).open();
      }
    }
    const app = await startLimited(platform, { per: { user: 1 } }, { controllers: [ByHandController] });
    const stream = await openRaw(app.port, '/by-hand?user=ann');
    const refused = await readRaw(app.port, '/by-hand?user=ann');
    expect([refused.status, refused.json.code, refused.headers['retry-after']]).toEqual([429, 'SSE_CAPACITY', '1']);
    expect((await readRaw(app.port, '/stream?user=ann')).status).toBe(429);
    stream.leave();
    await app.close();
  });
});
