import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { createServer as createHttps, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { SseModule, type SsePusher, SsePusherFactory, type SseStreamOptions } from '../../lib/index.js';
import { BLOCK, fill } from './support/fill.js';
import { HandedOver } from './support/handed-over.js';
import { PLATFORMS, type Platform, startApp } from './support/platforms.js';
import { RawSocket } from './support/raw-socket.js';
import { selfSigned } from './support/self-signed.js';
import { isFramed, socketWritesDuring } from './support/socket-writes.js';

const OPTIONS: SseStreamOptions = { directWrites: true, retryMs: false, pingMs: 0, closeMessage: { event: 'bye' } };

/** Messages of all sizes, alone and several in a turn, up to the end of the response. */
async function talk(pusher: SsePusher): Promise<void> {
  await pusher.push({ id: '1', data: 'grüße 🎈' });
  await nextTurn();
  void pusher.push('two in');
  await pusher.push('a turn');
  await nextTurn();
  await pusher.push('x'.repeat(200_000));
  await nextTurn();
  await pusher.close();
}

function withoutDate(response: string): string {
  return response.replace(/^Date: .*\r\n/im, '');
}

async function told(platform: Platform, head: string, directWrites: boolean) {
  const handedOver = new HandedOver({ ...OPTIONS, directWrites });
  const app = await startApp(platform, { controllers: [handedOver.controller] });
  const client = (await RawSocket.connect(app.port)).send(head);
  const pusher = await handedOver.next();
  const written = await socketWritesDuring(async () => {
    await talk(pusher);
    await client.untilClosed();
  });
  client.leave();
  await app.close();
  return { text: withoutDate(client.text), written };
}

describe.each(PLATFORMS)('what is written directly on %s', (platform) => {
  it('is byte for byte what the response would have written', async () => {
    const head = 'GET /stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    const direct = await told(platform, head, true);
    const usual = await told(platform, head, false);
    expect(direct.text.length).toBeGreaterThan(200_000);
    expect(direct.text).toContain('event: bye\n');
    expect(direct.text).toBe(usual.text);
    expect(direct.written.filter(isFramed).length).toBeGreaterThanOrEqual(3);
    expect(usual.written.filter(isFramed)).toEqual([]);
  });

  it('has no chunks for a client of HTTP/1.0', async () => {
    const head = 'GET /stream HTTP/1.0\r\n\r\n';
    const direct = await told(platform, head, true);
    const usual = await told(platform, head, false);
    expect(direct.text).toContain('\r\n\r\nid: 1\ndata: ');
    expect(direct.text).toBe(usual.text);
  });
});

describe('what must not be written directly', () => {
  it('reaches middleware that watches what is written', async () => {
    const seen: string[] = [];
    const handedOver = new HandedOver(OPTIONS);
    const app = await startApp('express', {
      controllers: [handedOver.controller],
      configure: (nest) =>
        nest.use((_request: unknown, response: ServerResponse, next: () => void) => {
          const write = response.write.bind(response) as (chunk: Buffer) => boolean;
          response.write = ((chunk: Buffer) => {
            seen.push(String(chunk));
            return write(chunk);
          }) as never;
          next();
        }),
    });
    const client = (await RawSocket.connect(app.port)).get('/stream');
    const pusher = await handedOver.next();
    await pusher.push('a');
    await client.untilText('data: a');
    await pusher.push('b');
    await client.untilText('data: b');
    expect(seen).toEqual(['data: a\n\n', 'data: b\n\n']);
    client.leave();
    await app.close();
  });
});

describe("a stream on node's own server", () => {
  async function serve(listener: (pusher: SsePusher, response: ServerResponse) => void, server = createServer()) {
    const context = await NestFactory.createApplicationContext(SseModule.forRoot(OPTIONS), { logger: false });
    let requests = 0;
    server.on('request', (request, response) => {
      if (requests++ === 0) {
        listener(context.get(SsePusherFactory).create(request, response), response);
      } else {
        response.end('another response');
      }
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    return {
      port,
      async close() {
        server.closeAllConnections();
        await context.close();
        server.close();
      },
    };
  }

  it('puts nothing behind an end that somebody else has set to the response', async () => {
    const server = await serve(async (pusher, response) => {
      await pusher.push('before');
      await nextTurn();
      await pusher.push('directly');
      await nextTurn();
      void pusher.push('in the same turn');
      response.on('error', () => {});
      response.end();
    });
    const client = (await RawSocket.connect(server.port)).get('/');
    await client.untilText('\r\n0\r\n\r\n');
    await nextTurn();
    client.get('/');
    await client.untilText('another response');
    const [first, second] = client.text.split('\r\n0\r\n\r\n');
    expect(first).toContain('data: directly\n\n');
    expect(client.text).not.toContain('same turn');
    expect(second).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    client.leave();
    await server.close();
  });

  it('writes directly over TLS, too, and heeds a peer that does not read', async () => {
    let opened!: (pusher: SsePusher) => void;
    const opening = new Promise<SsePusher>((resolve) => {
      opened = resolve;
    });
    const tls = selfSigned();
    const server = await serve(opened, createHttps(tls) as never);
    const request = get({ host: '127.0.0.1', port: server.port, path: '/', ca: tls.cert, servername: 'localhost' });
    const responded = once(request, 'response');
    const pusher = await opening;
    await pusher.push('first');
    const [response] = await responded;
    response.setEncoding('utf8');
    let accepted = 0;
    let text = '';
    const written = await socketWritesDuring(async () => {
      const filled = await fill(pusher, () => `${accepted++} ${BLOCK}`);
      response.on('data', (part: string) => {
        text += part;
      });
      expect(await filled.waiting).toBe(true);
    });
    await pusher.close();
    await once(response, 'end');
    expect(written.some(isFramed)).toBe(true);
    expect([...text.matchAll(/^data: (\d+) x/gm)].map(([, n]) => Number(n))).toEqual(
      Array.from({ length: accepted }, (_, n) => n),
    );
    await server.close();
  });
});
