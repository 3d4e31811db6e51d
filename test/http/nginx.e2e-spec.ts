import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { createGunzip } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Req } from '@nestjs/common';
import type { SsePusher, SseStreamOptions } from 'nestjs-event-stream';
import { blocksOf } from '../docs/support/pages.js';
import { eventually } from '../pusher/support/eventually.js';
import { HandedOver, reasonOf } from '../pusher/support/handed-over.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { openRaw, type RawStream, readRaw } from '../pusher/support/raw-client.js';
import { canRunNginx, Nginx } from '../receiver/support/nginx.js';
import { freePort } from '../sample/support/sample-process.js';

/** The lines of the page for nginx, with other ports, and for all paths. */
function linesOfPage(one: number, two: number): { location: string; upstream: string } {
  const [lines, ...others] = blocksOf('docs/production/proxies.md', 'nginx');
  expect(others).toEqual([]);
  const [, upstream, location] = /^(upstream nest .*?)^server \{\n\s+listen 80;\n(.*)^\}\n$/ms.exec(lines!)!;
  return {
    location: location!.replace('location /events/', 'location /'),
    upstream: upstream!.replace('127.0.0.1:3000', `127.0.0.1:${one}`).replace('127.0.0.1:3001', `127.0.0.1:${two}`),
  };
}

const describeWithNginx = canRunNginx() ? describe : describe.skip;
const IGNORING = 'proxy_ignore_headers X-Accel-Buffering;';
const ALWAYS_GZIP = 'gzip on; gzip_types text/event-stream; gzip_min_length 1;';

@Controller()
class PlainController {
  @Get('version')
  version(@Req() { raw, httpVersion }: { raw?: { httpVersion: string }; httpVersion?: string }): string {
    return raw?.httpVersion ?? httpVersion!;
  }
}

describeWithNginx.each(PLATFORMS)('a stream of %s behind nginx', (platform) => {
  let app: TestApp;
  let nginx: Nginx;
  let handedOver: HandedOver;

  afterEach(async () => {
    await nginx.remove();
    await app.close();
  });

  async function start(directives: string, options: SseStreamOptions = { pingMs: 0 }): Promise<void> {
    handedOver = new HandedOver({ retryMs: false, ...options });
    app = await startApp(platform, { controllers: [handedOver.controller, PlainController] });
    nginx = await Nginx.start(`location / { proxy_pass http://127.0.0.1:${app.port}; ${directives} }`);
  }

  async function open(headers: Record<string, string> = {}): Promise<[RawStream, SsePusher]> {
    const opening = openRaw(nginx.port, '/stream', { headers });
    const pusher = await handedOver.next();
    return [await opening, pusher];
  }

  it.each([
    ['buffering on, which is the default', ''],
    ['buffering on, and said so', 'proxy_buffering on;'],
    ['buffering off, deaf to what the response says', `proxy_buffering off; ${IGNORING}`],
    ['gzip on, for the types of its default', 'gzip on; gzip_min_length 1;'],
  ])('arrives event by event with %s', async (_how, directives) => {
    await start(directives);
    const [stream, pusher] = await open({ 'Accept-Encoding': 'gzip' });
    expect(stream.headers).not.toHaveProperty('content-encoding');
    for (const text of ['one', 'two', 'three']) {
      await pusher.push(text);
      await stream.untilText(`data: ${text}\n\n`);
    }
    await pusher.close();
    expect(await stream.untilEnd()).toBe('data: one\n\ndata: two\n\ndata: three\n\n');
  });

  it.each([
    ['buffering on', ''],
    ['buffering and gzip on', ALWAYS_GZIP],
  ])('arrives at its end alone with %s and deaf to what the response says', async (_how, directives) => {
    await start(`${IGNORING} ${directives}`);
    let arrived = false;
    const opening = openRaw(nginx.port, '/stream').then((stream) => {
      arrived = true;
      return stream;
    });
    const pusher = await handedOver.next();
    await pusher.push('one');
    // Others come and go on the same way, and still not even the head is there.
    for (let request = 0; request < 10; request++) await readRaw(nginx.port, '/version');
    expect(arrived).toBe(false);
    await pusher.close();
    expect(await (await opening).untilEnd()).toBe('data: one\n\n');
  });

  it('arrives event by event, compressed, where gzip is told to take its type', async () => {
    await start(ALWAYS_GZIP);
    const opened = new Promise<[string | undefined, NodeJS.ReadableStream]>((resolve, reject) => {
      const asked = request({
        port: nginx.port,
        path: '/stream',
        headers: { 'Accept-Encoding': 'gzip' },
        agent: false,
      });
      asked.on('error', reject).on('response', (response) => {
        resolve([response.headers['content-encoding'], response.pipe(createGunzip())]);
      });
      asked.end();
    });
    const pusher = await handedOver.next();
    await pusher.push('one');
    const [encoding, body] = await opened;
    let text = '';
    body.setEncoding('utf8').on('data', (part) => {
      text += part;
    });
    await eventually(() => text === 'data: one\n\n');
    await pusher.push('two');
    await eventually(() => text === 'data: one\n\ndata: two\n\n');
    await pusher.close();
    expect(encoding).toBe('gzip');
  });

  it.each([
    ['1.0', 'proxy_http_version 1.0;'],
    ['1.1', 'proxy_http_version 1.1; proxy_set_header Connection "";'],
  ])('is whole for clients of HTTP/1.1 when nginx speaks %s to the application', async (version, directives) => {
    await start(directives);
    expect((await readRaw(nginx.port, '/version')).text).toBe(version);
    const [stream, pusher] = await open();
    expect([stream.response.httpVersion, stream.headers['transfer-encoding']]).toEqual(['1.1', 'chunked']);
    await pusher.push('one');
    await pusher.close();
    expect(await stream.untilEnd()).toBe('data: one\n\n');
  });

  it('lives longer than the idle timeout if it pings more often', async () => {
    await start('proxy_read_timeout 1s;', { pingMs: 100 });
    const [stream, pusher] = await open();
    // Pings never come early, so that the timeout has passed twice.
    await stream.until((text) => text.split(': ping\n\n').length > 20);
    await pusher.push('still here');
    await stream.untilText('data: still here\n\n');
    stream.leave();
    expect(await reasonOf(pusher)).toEqual({ reason: 'client' });
  });

  it('is cut at both ends by the idle timeout if it pings less often', async () => {
    await start('proxy_read_timeout 200ms;', { pingMs: 60_000 });
    const [stream, pusher] = await open();
    await pusher.push('one');
    expect(await reasonOf(pusher)).toEqual({ reason: 'client' });
    await stream.untilClosed();
    expect([stream.text, stream.ended]).toEqual(['data: one\n\n', false]);
  });

  it('works with the lines of the page, which are those for the paths under /events/', async () => {
    await start('');
    await nginx.remove();
    const { location, upstream } = linesOfPage(app.port, await freePort());
    nginx = await Nginx.start(`gzip on; gzip_types text/event-stream; ${IGNORING} ${location}`, upstream);
    expect((await readRaw(nginx.port, '/version')).text).toBe('1.1');
    const [stream, pusher] = await open({ 'Accept-Encoding': 'gzip' });
    expect(stream.headers).not.toHaveProperty('content-encoding');
    await pusher.push('one');
    await stream.untilText('data: one\n\n');
    stream.leave();
    expect(await reasonOf(pusher)).toEqual({ reason: 'client' });
  });
});

describeWithNginx('instances behind nginx that are restarted one after the other', () => {
  let nginx: Nginx;

  afterEach(() => nginx.remove());

  async function statusesOfRestarts(settle: (upstream: string) => string): Promise<number[]> {
    const ports = [await freePort(), await freePort()] as const;
    const { location, upstream } = linesOfPage(...ports);
    nginx = await Nginx.start(location, settle(upstream));
    const statuses: number[] = [];
    for (const up of [0, 1, 0, 1]) {
      const instance = createServer((_, response) => response.end()).listen(ports[up], '127.0.0.1');
      await once(instance, 'listening');
      for (let request = 0; request < 4; request++) {
        statuses.push((await readRaw(nginx.port, '/')).status);
      }
      instance.close();
      await once(instance, 'close');
    }
    return [...new Set(statuses)];
  }

  it('are never both given up, with the lines of the page', async () => {
    expect(await statusesOfRestarts((upstream) => upstream)).toEqual([200]);
  });

  it('are, with what nginx does by default: tabs get the 502 that they never come back from', async () => {
    expect(await statusesOfRestarts((upstream) => upstream.replaceAll(' max_fails=0', ''))).toContain(502);
  });
});
