import { afterEach, describe, expect, it } from '@jest/globals';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SseStreamRegistry } from '../../lib/index.js';
import { eventually } from './support/eventually.js';
import { HandedOver, reasonOf } from './support/handed-over.js';
import { Http2Client } from './support/http2-client.js';
import { startApp, type TestApp } from './support/platforms.js';
import { type SelfSigned, selfSigned } from './support/self-signed.js';
import { unfinishedStreams } from './support/unfinished.js';

const VARIANTS: [string, () => SelfSigned | undefined][] = [
  ['h2c', () => undefined],
  ['h2 over TLS', selfSigned],
];

describe.each(VARIANTS)('a stream on Fastify %s', (_, makeTls) => {
  const tls = makeTls();
  let app: TestApp;
  let client: Http2Client;
  let handedOver: HandedOver;

  afterEach(async () => {
    client.leave();
    await app.close();
  });

  async function start(handed = new HandedOver()): Promise<void> {
    handedOver = handed;
    const adapter = new FastifyAdapter({ http2: true, ...(tls && { https: tls }) } as never);
    app = await startApp(adapter, { controllers: [handed.controller] });
    client = await Http2Client.connect(`${tls ? 'https' : 'http'}://127.0.0.1:${app.port}`, tls?.cert);
  }

  it('has a head without anything that belongs to one connection', async () => {
    await start(new HandedOver({ headers: { 'X-Route': 'yes' } }));
    const stream = await client.open('/stream');
    expect(stream.headers).toMatchObject({
      ':status': 200,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-route': 'yes',
    });
    expect(stream.headers).not.toHaveProperty('connection');
    expect(stream.headers).not.toHaveProperty('transfer-encoding');
  });

  it('pushes, and ends without touching the other streams of the connection', async () => {
    await start();
    const first = await client.open('/stream');
    const firstPusher = await handedOver.next();
    const second = await client.open('/stream');
    const secondPusher = await handedOver.next();
    await firstPusher.push({ id: '1', event: 'tick', data: 'one' });
    await firstPusher.close();
    expect(await first.untilEnd()).toMatch(/^retry: \d+\n\nid: 1\nevent: tick\ndata: one\n\n$/);
    await secondPusher.push('two');
    await second.untilText('data: two\n\n');
    expect(client.session.closed).toBe(false);
  });

  it('answers HEAD at once', async () => {
    await start();
    const stream = await client.open('/stream', { ':method': 'HEAD' });
    expect(stream.headers).toMatchObject({ ':status': 200, 'content-type': 'text/event-stream; charset=utf-8' });
    expect(await stream.untilEnd()).toBe('');
  });

  it.each(['cancels the stream', 'leaves with the connection'])('notices a client that %s', async (how) => {
    await start();
    const stream = await client.open('/stream');
    const pusher = await handedOver.next();
    const registry = app.app.get(SseStreamRegistry);
    expect(registry.count).toBe(1);
    if (how === 'cancels the stream') {
      stream.stream.close();
    } else {
      client.leave();
    }
    expect(await reasonOf(pusher)).toEqual({ reason: 'client' });
    await eventually(() => unfinishedStreams(app.app) === 0);
    expect(registry.count).toBe(0);
    expect(await pusher.push('too late')).toBe(false);
  });

  it('holds push() back while the stream window is full, and resolves it when the client reads on', async () => {
    await start();
    const stream = await client.open('/stream');
    const pusher = await handedOver.next();
    stream.stream.pause();
    let pending: Promise<boolean> | undefined;
    for (let pushes = 0; !pending; pushes++) {
      expect(pushes).toBeLessThan(1000);
      const pushed = pusher.push('x'.repeat(16_384));
      if ((await Promise.race([pushed, new Promise((resolve) => setImmediate(resolve, 'waits'))])) === 'waits') {
        pending = pushed;
      }
    }
    stream.stream.resume();
    expect(await pending).toBe(true);
  });
});
