import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseReceiverService } from '../../lib/receiver/index.js';
import { takeAll } from './support/consumers.js';
import { head, RawServer, say, sayAndEnd, sayAndReset } from './support/raw-server.js';

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

const cases = Object.entries(answers).flatMap(([what, text]) =>
  [false, true].map((decompress) => ({ what, text, decompress })),
);

describe('malformed responses', () => {
  let receiver: SseReceiverService;
  let server: RawServer;

  beforeEach(() => {
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await server.close();
  });

  describe.each([
    ['and silence', say],
    ['and an end', sayAndEnd],
    ['and a reset', sayAndReset],
  ])('%s', (_how, act) => {
    it.each(cases)('$what (decompress: $decompress)', async ({ text, decompress }) => {
      server = await RawServer.start(act(text));
      const retry = { maxAttempts: 1 };
      const times = { idleTimeoutMs: 50, firstByteTimeoutMs: 50 };
      const subscription = receiver.subscribe(server.url, { decompress, retry, ...times });
      await takeAll(subscription).catch((error: Error) => expect(error).toMatchObject({ code: 'SSE_CONNECT' }));
      expect(subscription.state).toBe('closed');
      await server.deserted();
      expect(server.sockets.size).toBe(0);
    });
  });
});
