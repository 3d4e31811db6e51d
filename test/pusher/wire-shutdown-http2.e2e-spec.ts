import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { SseModuleInput } from '../../lib/index.js';
import { fill } from './support/fill.js';
import { HandedOver, reasonOf } from './support/handed-over.js';
import { Http2Client } from './support/http2-client.js';
import { startApp, type TestApp } from './support/platforms.js';
import { type SelfSigned, selfSigned } from './support/self-signed.js';
import { ShutdownGate } from './support/shutdown-gate.js';

const VARIANTS: [string, () => SelfSigned | undefined][] = [
  ['h2c', () => undefined],
  ['h2 over TLS', selfSigned],
];

@Controller()
class PlainController {
  @Get('plain')
  plain(): string {
    return 'plain';
  }
}

describe.each(VARIANTS)('closing the application on Fastify %s', (_, makeTls) => {
  const tls = makeTls();
  const clients: Http2Client[] = [];
  let app: TestApp;
  let handedOver: HandedOver;
  let gate: ShutdownGate;

  afterEach(async () => {
    for (const client of clients.splice(0)) {
      client.leave();
    }
    gate.open();
    await app.close();
  });

  async function start(sse: SseModuleInput = {}): Promise<void> {
    handedOver = new HandedOver();
    app = await startApp(new FastifyAdapter({ http2: true, ...(tls && { https: tls }) } as never), {
      controllers: [handedOver.controller, PlainController],
      providers: [ShutdownGate],
      sse,
    });
    gate = app.app.get(ShutdownGate);
  }

  async function connect(): Promise<Http2Client> {
    const client = await Http2Client.connect(`${tls ? 'https' : 'http'}://127.0.0.1:${app.port}`, tls?.cert);
    clients.push(client);
    return client;
  }

  it('ends every stream in good order and lets the connections go', async () => {
    await start({ closeMessage: 'bye' });
    gate.open();
    const client = await connect();
    const streams = [await client.open('/stream'), await client.open('/stream')];
    const pushers = [await handedOver.next(), await handedOver.next()];
    const closed = client.untilClosed();
    await app.close();
    for (const stream of streams) {
      expect(await stream.untilEnd()).toMatch(/^retry: \d+\n\nretry: \d+\n\ndata: bye\n\n$/);
    }
    expect(await Promise.all(pushers.map(reasonOf))).toEqual([{ reason: 'shutdown' }, { reason: 'shutdown' }]);
    await closed;
  });

  it('cuts off who does not read, at the deadline', async () => {
    await start({ shutdown: { deadlineMs: 80 } });
    gate.open();
    const client = await connect();
    const stream = await client.open('/stream');
    stream.stream.pause();
    await fill(await handedOver.next());
    await app.close();
  });

  it('is not held up by a connection that once had a stream', async () => {
    await start();
    gate.open();
    const client = await connect();
    const stream = await client.open('/stream');
    await (await handedOver.next()).close();
    await stream.untilEnd();
    const closed = client.untilClosed();
    await app.close();
    await closed;
  });

  it('tells a request that comes meanwhile when to come back', async () => {
    await start({ retryMs: 2000 });
    const client = await connect();
    const closed = app.close();
    await gate.reached;
    const stream = await client.open('/stream');
    expect(stream.headers).toMatchObject({ ':status': 200, 'content-type': 'text/event-stream; charset=utf-8' });
    expect(stream.headers).not.toHaveProperty('connection');
    expect(await stream.untilEnd()).toMatch(/^retry: \d+\n\n$/);
    gate.open();
    await closed;
  });

  it('gives it a 503 if told so', async () => {
    await start({ shutdown: { refuseWith: 'status' } });
    const client = await connect();
    const closed = app.close();
    await gate.reached;
    const stream = await client.open('/stream');
    expect(stream.headers).toMatchObject({ ':status': 503, 'retry-after': expect.stringMatching(/^[1-7]$/) });
    await stream.untilEnd();
    client.leave();
    gate.open();
    await closed;
  });
});
