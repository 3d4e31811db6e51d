import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { LastEventId, Pusher, SseModule, type SsePusher, SsePusherFactory, SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { openRaw, type RequestParts } from './support/raw-client.js';
import { RawSocket } from './support/raw-socket.js';

@Controller()
class EchoController {
  @SseStream('echo', { retryMs: false })
  async echo(@LastEventId() id: string | undefined, @Pusher() pusher: SsePusher): Promise<void> {
    await pusher.push({ data: { id: id ?? null, same: id === pusher.lastEventId } });
    await pusher.close();
  }

  @Get('plain')
  plain(@LastEventId() id: string | undefined) {
    return { id: id ?? null };
  }
}

/** A string as Node sends it in a header: each UTF-8 byte as a character. */
const utf8 = (id: string) => Buffer.from(id).toString('latin1');

describe.each(PLATFORMS)('Last-Event-ID on %s', (platform) => {
  let app: TestApp;

  afterEach(() => app.close());

  async function seen(path: string, parts?: RequestParts): Promise<string | null> {
    const stream = await openRaw(app.port, path, parts);
    expect(stream.status).toBe(200);
    const { id, same } = JSON.parse((await stream.untilEnd()).slice('data: '.length));
    expect(same).toBe(true);
    return id;
  }

  const header = (value: string): RequestParts => ({ headers: { 'Last-Event-ID': value } });

  it('comes from the header, else from the query', async () => {
    app = await startApp(platform, { controllers: [EchoController] });
    expect(await seen('/echo')).toBeNull();
    expect(await seen('/echo', header('12-34'))).toBe('12-34');
    expect(await seen('/echo', header('0'))).toBe('0');
    expect(await seen('/echo?lastEventId=5')).toBe('5');
    expect(await seen('/echo?a=1&lastEventId=a%20b%2Bc')).toBe('a b+c');
    expect(await seen('/echo?lastEventId=query', header('header'))).toBe('header');
    expect(await seen('/echo?lastEventId=')).toBeNull();
  });

  it('is UTF-8', async () => {
    app = await startApp(platform, { controllers: [EchoController] });
    expect(await seen('/echo', header(utf8('Größe 🚀 時')))).toBe('Größe 🚀 時');
    expect(await seen(`/echo?lastEventId=${encodeURIComponent('Größe 🚀 時')}`)).toBe('Größe 🚀 時');
  });

  it('is absent when it is longer than the bound in bytes', async () => {
    app = await startApp(platform, { controllers: [EchoController] });
    expect(await seen('/echo', header('x'.repeat(1024)))).toBe('x'.repeat(1024));
    expect(await seen('/echo', header('x'.repeat(1025)))).toBeNull();
    expect(await seen('/echo', header(utf8('é'.repeat(513))))).toBeNull();
    expect(await seen(`/echo?lastEventId=${'x'.repeat(8000)}`)).toBeNull();
    expect(await seen(`/echo?lastEventId=${'%C3%A9'.repeat(513)}`)).toBeNull();
  });

  it.each(['%00', 'a%0Ab', 'a%0Db', '%E2%80%A8%00'])('is absent when no id could hold it: %s', async (junk) => {
    app = await startApp(platform, { controllers: [EchoController] });
    expect(await seen(`/echo?lastEventId=${junk}`)).toBeNull();
  });

  it.each(['%', '%zz', '%FF%FE', '&&lastEventId', '%C3'])(
    'is harmless when it is broken in the query: %s',
    async (junk) => {
      app = await startApp(platform, { controllers: [EchoController] });
      const id = await seen(`/echo?lastEventId=${junk}`);
      expect(Buffer.byteLength(id ?? '')).toBeLessThan(20);
    },
  );

  it('is harmless when it is binary', async () => {
    app = await startApp(platform, { controllers: [EchoController] });
    const bytes = String.fromCharCode(...Array.from({ length: 128 }, (_, index) => 128 + index));
    expect(await seen('/echo', header(bytes))).toBe(bytes);
  });

  it.each([
    ['a control character', '\u0001\u0002'],
    ['a lone CR', 'a\rInjected: yes'],
    ['a NUL', 'a\0b'],
    ['1 MB', 'x'.repeat(1024 * 1024)],
  ])('with %s is refused by Node itself, and the next request is served', async (_, value) => {
    app = await startApp(platform, { controllers: [EchoController] });
    const client = await RawSocket.connect(app.port);
    client.send(`GET /echo HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: ${value}\r\n\r\n`);
    expect(await client.untilClosed()).toMatch(/^HTTP\/1\.1 4\d\d |^$/);
    expect(await seen('/echo', header('next'))).toBe('next');
  });

  it('is bounded on routes that are no streams as well', async () => {
    app = await startApp(platform, { controllers: [EchoController] });
    const short = await openRaw(app.port, '/plain', header('7'));
    expect(JSON.parse(await short.untilEnd())).toEqual({ id: '7' });
    const long = await openRaw(app.port, '/plain', header('x'.repeat(2000)));
    expect(JSON.parse(await long.untilEnd())).toEqual({ id: null });
  });

  it('has the bound that the module sets', async () => {
    app = await startApp(platform, { controllers: [EchoController], sse: { maxLastEventIdBytes: 4 } });
    expect(await seen('/echo', header('1234'))).toBe('1234');
    expect(await seen('/echo', header('12345'))).toBeNull();
  });
});

describe('a Last-Event-ID of 1 MB that a server lets through', () => {
  it('counts as absent, from the header and from the query', async () => {
    const context = await NestFactory.createApplicationContext(SseModule.forRoot(), { logger: false });
    const factory = context.get(SsePusherFactory);
    const seen: (string | undefined)[] = [];
    const server = createServer({ maxHeaderSize: 4 * 1024 * 1024 }, (request, response) => {
      const pusher = factory.create(request, response, { retryMs: false });
      seen.push(pusher.lastEventId);
      void pusher.push('intact').then(() => pusher.close());
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const megabyte = 'x'.repeat(1024 * 1024);
    const byHeader = await openRaw(port, '/', { headers: { 'Last-Event-ID': megabyte } });
    expect(await byHeader.untilEnd()).toBe('data: intact\n\n');
    const byQuery = await openRaw(port, `/?lastEventId=${megabyte}`);
    expect(await byQuery.untilEnd()).toBe('data: intact\n\n');
    expect(seen).toEqual([undefined, undefined]);
    await context.close();
    await new Promise((resolve) => server.close(resolve));
  });
});
