import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { SseReceiverService } from '../../lib/receiver/index.js';
import { entered, failureOf, takeAll } from './support/consumers.js';
import { head, RawServer, say, sayAndEnd, sayAndReset } from './support/raw-server.js';
import { answer, ScriptedServer } from './support/scripted-server.js';

const event = 'id: 1\ndata: 1\n\n';
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

/** Each is answered on every connection; none of them may throw where nobody can catch it, or leave its socket. */
const answers: Record<string, string> = {
  'a switch of protocols': 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n',
  'a switch of protocols that nobody asked for': 'HTTP/1.1 101 Switching Protocols\r\n\r\n',
  'a hundred interim responses': `${'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(100)}${head('content-length: 0')}`,
  'two responses to one request': `${head(`content-length: ${event.length}`)}${event}${head('content-length: 0')}`,
  'a 204 with a body': 'HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\nhello',
  'a header of 100 KB': `HTTP/1.1 200 OK\r\nx-large: ${'x'.repeat(100_000)}\r\n\r\n`,
  'a NUL in a header': 'HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n',
  'a negative length': head('content-length: -5'),
  'two lengths': head('content-length: 5', 'content-length: 6'),
  'a length and chunks': `${head('content-length: 5', 'transfer-encoding: chunked')}${chunk(event)}`,
  'a chunk of no size': `${head('transfer-encoding: chunked')}zz\r\n`,
  'a chunk of 2^70 bytes': `${head('transfer-encoding: chunked')}ffffffffffffffffff\r\n`,
  'a chunk that is shorter than it says': `${head('transfer-encoding: chunked')}fff\r\n${event}`,
  'chunks that never end': `${head('transfer-encoding: chunked')}${chunk(event)}`,
  'a trailer': `${head('transfer-encoding: chunked')}${chunk(event)}0\r\nx: y\r\n\r\n`,
  'status 999': 'HTTP/1.1 999 What\r\ncontent-length: 0\r\n\r\n',
  'status 000': 'HTTP/1.1 000 What\r\ncontent-length: 0\r\n\r\n',
  'HTTP/2 without being asked': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'a redirect to nowhere': 'HTTP/1.1 302 Found\r\nlocation: http://\r\ncontent-length: 0\r\n\r\n',
  'a redirect with two Locations': 'HTTP/1.1 302 Found\r\nlocation: /a\r\nlocation: /b\r\ncontent-length: 0\r\n\r\n',
  'a redirect to javascript:': 'HTTP/1.1 302 Found\r\nlocation: javascript:alert(1)\r\ncontent-length: 0\r\n\r\n',
  'gzip that is none': `${head('content-encoding: gzip')}${event}`,
  'an empty coding': `${head('content-encoding: ')}${event}`,
};

describe('review: hostile bytes', () => {
  const receiver = new SseReceiverService();
  let server: RawServer;

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await server?.close();
  });

  describe.each([
    ['and silence', say],
    ['and an end', sayAndEnd],
    ['and a reset', sayAndReset],
  ])('%s', (_how, act) => {
    it.each(Object.entries(answers))('%s', async (_what, text) => {
      for (const decompress of [false, true]) {
        server = await RawServer.start(act(text));
        const fresh = new SseReceiverService();
        const subscription = fresh.subscribe(server.url, {
          decompress,
          retry: { baseMs: 0, maxMs: 0, maxAttempts: 1 },
          idleTimeoutMs: 100,
          firstByteTimeoutMs: 100,
        });
        await takeAll(subscription).catch((error: Error) => expect(error).toMatchObject({ code: expect.any(String) }));
        expect(subscription.state).toBe('closed');
        await subscription.close();
        await server.deserted();
        await server.close();
      }
    });
  });
});

describe('review: secrets', () => {
  const receiver = new SseReceiverService();
  let server: ScriptedServer;

  afterEach(async () => {
    await server.close();
  });

  it.each([
    ['a refusal', answer(403, { 'set-cookie': 'sid=SECRET' })],
    ['a redirect that is refused', answer(302, { location: 'ftp://user:SECRET@example.com/?code=SECRET' })],
    ['a redirect in a circle', answer(302, { location: '?token=SECRET' })],
    ['a wrong content type', answer(200, { 'content-type': 'text/html' })],
  ])('shows none in errors and states after %s', async (_what, act) => {
    server = await ScriptedServer.start(act);
    const url = server.url.replace('//', '//user:SECRET@');
    const subscription = receiver.subscribe(`${url}?token=SECRET`, {
      headers: { 'x-token': 'SECRET' },
      retry: { maxAttempts: 1 },
    });
    const failure = await failureOf(takeAll(subscription));
    const state = await entered(subscription, 'closed');
    for (const shown of [
      inspect(failure, { depth: 20 }),
      inspect(state, { depth: 20 }),
      JSON.stringify([failure, state]),
      inspect(subscription),
    ]) {
      expect(shown).not.toContain('SECRET');
    }
  });
});
