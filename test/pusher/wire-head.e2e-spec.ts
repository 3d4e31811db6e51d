import { Agent } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HandedOver } from './support/handed-over.js';
import { PLATFORMS, startApp, type TestApp, type TestAppParts } from './support/platforms.js';
import { openRaw } from './support/raw-client.js';
import { RawSocket } from './support/raw-socket.js';

describe.each(PLATFORMS)('the head of a stream on %s', (platform) => {
  let app: TestApp;

  afterEach(() => app.close());

  async function start(
    handedOver = new HandedOver(),
    parts: Omit<TestAppParts, 'controllers'> = {},
  ): Promise<HandedOver> {
    app = await startApp(platform, { ...parts, controllers: [handedOver.controller] });
    return handedOver;
  }

  it('says event stream, and asks everybody on the way to neither keep, change nor hold it', async () => {
    await start();
    const stream = await openRaw(app.port, '/stream', { agent: new Agent({ keepAlive: true }) });
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      connection: 'keep-alive',
      'transfer-encoding': 'chunked',
    });
    expect(stream.headers).not.toHaveProperty('content-length');
    expect(stream.headers).not.toHaveProperty('etag');
    stream.leave();
  });

  it('is followed by one reconnect delay, at most half longer than the 2 seconds by default', async () => {
    const handedOver = await start();
    const stream = await openRaw(app.port, '/stream');
    const pusher = await handedOver.next();
    await pusher.push('first');
    await pusher.close();
    const [, retry] = /^retry: (\d+)\n\ndata: first\n\n$/.exec(await stream.untilEnd()) ?? [];
    expect(Number(retry)).toBeGreaterThanOrEqual(2000);
    expect(Number(retry)).toBeLessThan(3000);
  });

  it('is followed by no delay when the client shall choose', async () => {
    const handedOver = await start(new HandedOver({ retryMs: false }));
    const stream = await openRaw(app.port, '/stream');
    await (await handedOver.next()).close();
    expect(await stream.untilEnd()).toBe('');
  });

  it('keeps headers that were set before, and adds those of the module and of the route, which win', async () => {
    await start(new HandedOver({ headers: { 'X-Both': 'route', 'X-List': ['a', 'b'] } }), {
      sse: { headers: { 'X-Module': 'module', 'X-Both': 'module', 'Cache-Control': 'no-store' } },
      configure: (nest) => nest.enableCors({ origin: 'https://page.example', credentials: true }),
    });
    const stream = await openRaw(app.port, '/stream', { headers: { Origin: 'https://page.example' } });
    expect(stream.headers).toMatchObject({
      'access-control-allow-origin': 'https://page.example',
      'access-control-allow-credentials': 'true',
      'cache-control': 'no-store',
      'x-module': 'module',
      'x-both': 'route',
      'x-list': 'a, b',
    });
    stream.leave();
  });

  it('says that the connection will close to a client that wants it closed', async () => {
    const handedOver = await start();
    const client = await RawSocket.connect(app.port);
    client.send('GET /stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await (await handedOver.next()).close();
    const response = await client.untilClosed();
    expect(response).toMatch(/\r\nConnection: close\r\n/i);
    expect(response).toMatch(/\r\n0\r\n\r\n$/);
  });

  it.each(['', 'Connection: keep-alive\r\n'])(
    'has no framing on HTTP/1.0, where the connection ends it: %j',
    async (line) => {
      const handedOver = await start(new HandedOver({ retryMs: 7000 }));
      const client = await RawSocket.connect(app.port);
      client.send(`GET /stream HTTP/1.0\r\nHost: localhost\r\n${line}\r\n`);
      const pusher = await handedOver.next();
      await pusher.push({ id: '1', data: 'Grüße' });
      await client.untilText('data: ');
      await pusher.close();
      const response = Buffer.from(await client.untilClosed(), 'latin1').toString('utf8');
      const [head, body] = response.split('\r\n\r\n');
      expect(head).toMatch(/^HTTP\/1\.[01] 200 OK\r\n/);
      expect(head).not.toMatch(/transfer-encoding|content-length|keep-alive/i);
      expect(body).toMatch(/^retry: \d+\n\nid: 1\ndata: Grüße\n\n$/);
    },
  );

  it('answers HEAD with the same head and nothing else, without a call of the handler', async () => {
    const handedOver = await start(new HandedOver({ headers: { 'X-Route': 'yes' } }));
    const client = await RawSocket.connect(app.port);
    client.send(
      'HEAD /stream HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD /stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    );
    const responses = (await client.untilClosed()).split('\r\n\r\n');
    expect(responses).toHaveLength(3);
    expect(responses[2]).toBe('');
    for (const head of responses.slice(0, 2)) {
      expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(head).toMatch(/\r\ncontent-type: text\/event-stream; charset=utf-8\r\n/i);
      expect(head).toMatch(/\r\nx-route: yes\r\n/i);
    }
    const called = await Promise.race([handedOver.next(), Promise.resolve('never')]);
    expect(called).toBe('never');
  });

  it('keeps the stream from a server-wide idle timeout', async () => {
    await start(undefined, {
      sse: { pingMs: 150 },
      configure: (nest) => nest.getHttpServer().setTimeout(20),
    });
    const stream = await openRaw(app.port, '/stream');
    await stream.untilText(': ping\n\n');
    stream.leave();
  });
});
