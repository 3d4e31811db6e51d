import { once } from 'node:events';
import { createServer as createHttp, type Server as HttpServer } from 'node:http';
import { createServer as createHttp2, createSecureServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SseModule, type SsePusher, SsePusherFactory, SseStreamRegistry } from '../../lib/index.js';
import { Http2Client } from './support/http2-client.js';
import { openRaw } from './support/raw-client.js';
import { selfSigned } from './support/self-signed.js';

type AnyServer = HttpServer | Http2Server;
type Listener = (request: object, response: object) => void;

describe("the factory on node's own servers", () => {
  let context: INestApplicationContext;
  let server: AnyServer;

  beforeEach(async () => {
    context = await NestFactory.createApplicationContext(SseModule.forRoot({ retryMs: false }), { logger: false });
  });

  afterEach(async () => {
    await context.close();
    await new Promise((resolve) => server.close(resolve));
  });

  async function listen(
    create: (listener: Listener) => AnyServer,
  ): Promise<{ port: number; next: Promise<SsePusher> }> {
    let hand!: (pusher: SsePusher) => void;
    const next = new Promise<SsePusher>((resolve) => {
      hand = resolve;
    });
    server = create((request, response) => hand(context.get(SsePusherFactory).create(request, response)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return { port: (server.address() as AddressInfo).port, next };
  }

  it('streams over node http, and ends when the context closes', async () => {
    const { port, next } = await listen((listener) => createHttp(listener));
    const opening = openRaw(port, '/', { headers: { 'Last-Event-ID': '41' } });
    const pusher = await next;
    expect(pusher.lastEventId).toBe('41');
    await pusher.push({ id: '42', data: { answer: true } });
    const stream = await opening;
    await stream.untilText('id: 42\ndata: {"answer":true}\n\n');
    expect(context.get(SseStreamRegistry).count).toBe(1);
    await context.close();
    expect(await stream.untilEnd()).toMatch(/\n\nretry: \d+\n\n$/);
  });

  const tls = selfSigned();

  it.each<[string, string, (listener: Listener) => AnyServer]>([
    ['http', 'http2', (listener) => createHttp2(listener)],
    ['https', 'http2 with TLS', (listener) => createSecureServer(tls, listener)],
  ])('streams over %s: node %s, and ends when the context closes', async (scheme, _, create) => {
    const { port, next } = await listen(create);
    const client = await Http2Client.connect(`${scheme}://127.0.0.1:${port}`, tls.cert);
    const opening = client.open('/', { 'last-event-id': '41' });
    const pusher = await next;
    expect(pusher.lastEventId).toBe('41');
    await pusher.push('over HTTP/2');
    const stream = await opening;
    expect(stream.headers).toMatchObject({ ':status': 200, 'content-type': 'text/event-stream; charset=utf-8' });
    await stream.untilText('data: over HTTP/2\n\n');
    await context.close();
    expect(await stream.untilEnd()).toMatch(/\n\nretry: \d+\n\n$/);
    expect(pusher.signal.reason).toEqual({ reason: 'shutdown' });
    await client.untilClosed();
  });

  it('turns away who comes after the context has closed, with the connection on HTTP/2 as well', async () => {
    const { port } = await listen((listener) => createHttp2(listener));
    await context.close();
    const client = await Http2Client.connect(`http://127.0.0.1:${port}`);
    const stream = await client.open('/');
    const closed = client.untilClosed();
    expect(await stream.untilEnd()).toMatch(/^retry: \d+\n\n$/);
    await closed;
  });
});
