import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SseModule, SsePusherFactory, SseStreamRegistry } from '../../lib/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { HandedOver } from '../pusher/support/handed-over.js';
import { Http2Client } from '../pusher/support/http2-client.js';
import { startApp } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';

it('the registry tells of streams over HTTP/2, each by itself, and closes one without the others', async () => {
  const handed = new HandedOver();
  const app = await startApp(new FastifyAdapter({ http2: true } as never), {
    controllers: [handed.controller],
    sse: { retryMs: false },
  });
  const registry = app.app.get(SseStreamRegistry);
  const client = await Http2Client.connect(`http://127.0.0.1:${app.port}`);
  const [first, second] = [await client.open('/stream'), await client.open('/stream')];
  const [one, other] = [await handed.next(), await handed.next()];
  await one.push('x'.repeat(3000));
  await first.untilText('\n\n');
  await eventually(() => registry.list()[0]!.bufferedBytes === 0);
  const [longer, shorter] = registry.list();
  expect(longer).toMatchObject({ state: 'open', bufferedBytes: 0, sentBytes: 3000 + 'data: \n\n'.length });
  expect(shorter).toMatchObject({ state: 'open', sentBytes: 0 });
  expect(await registry.close({ id: longer!.id })).toBe(1);
  await first.untilEnd();
  await other.push('still here');
  await second.untilText('still here');
  expect(registry.list().map(({ id }) => id)).toEqual([shorter!.id]);
  client.leave();
  await app.close();
});

it("the registry tells of streams of the factory on node's own servers, by method and path", async () => {
  const context = await NestFactory.createApplicationContext(SseModule.forRoot(), { logger: false });
  const factory = context.get(SsePusherFactory);
  const server = createServer((request, response) => factory.create(request, response).open());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const stream = await openRaw(port, '/orders/7?token=secret');
  const registry = context.get(SseStreamRegistry);
  expect(registry.list()).toMatchObject([{ route: 'GET /orders/7', keys: {}, state: 'open', channels: [] }]);
  expect(JSON.stringify(registry.list())).not.toContain('secret');
  expect(await registry.close({ route: 'GET /orders/7' })).toBe(1);
  await stream.untilEnd();
  await context.close();
  await new Promise((resolve) => server.close(resolve));
});
