import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseReceiverService } from '../../lib/receiver/index.js';
import { AT_ONCE, data, entered, take } from './support/consumers.js';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n';
const GOOD = `${HEAD}\r\ndata: good\n\n`;

/** Servers whose bytes no HTTP library would write. */
describe('odd servers', () => {
  let server: Server;
  let receiver: SseReceiverService;
  let replies: string[];
  const sockets = new Set<Socket>();

  beforeEach(async () => {
    receiver = new SseReceiverService();
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
      socket.once('data', () => {
        const reply = replies.shift() ?? GOOD;
        if (reply.endsWith('EOF')) socket.end(reply.slice(0, -3), 'latin1');
        else socket.write(reply, 'latin1');
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const subscribe = () =>
    receiver.subscribe(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { retry: AT_ONCE });

  it.each([
    ['junk', '\x00\x01 what is this\r\n\r\n'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['nothing at all', 'EOF'],
    ['half a head', 'HTTP/1.1 200 OK\r\ncontent-EOF'],
    ['a body that is shorter than it said', `${HEAD}content-length: 100\r\n\r\ndata: lost\nEOF`],
    ['a chunk without a length', `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n`],
    ['an endless head', `HTTP/1.1 200 OK\r\n${'x-filler: y\r\n'.repeat(5_000)}`],
  ])('is asked again after %s', async (_what, reply) => {
    replies = [reply];
    const subscription = subscribe();
    const messages = take(subscription, 1);
    const { outcome } = await entered(subscription, 'waiting');
    expect(outcome).toMatchObject({ kind: 'network', willRetry: true });
    expect(data(await messages)).toEqual(['good']);
  });

  it('may end its stream by hanging up, where it gave no length', async () => {
    replies = ['HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: a\n\nEOF'];
    const subscription = subscribe();
    const messages = take(subscription, 2);
    const { outcome } = await entered(subscription, 'waiting');
    expect(outcome.kind).toBe('end');
    expect(data(await messages)).toEqual(['a', 'good']);
  });

  it('may send early hints first', async () => {
    replies = [`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${GOOD}`];
    expect(data(await take(subscribe(), 1))).toEqual(['good']);
  });

  it('may repeat a header: the first one counts, as in node:http', async () => {
    replies = [
      'HTTP/1.1 503 Busy\r\nretry-after: 0\r\nretry-after: 5\r\nx-a: 1\r\nx-a: 2\r\ncontent-length: 0\r\n\r\n',
      `${HEAD}content-type: text/html\r\ncontent-encoding: identity\r\nset-cookie: a\r\nset-cookie: b\r\n\r\ndata: a\n\n`,
    ];
    const subscription = subscribe();
    const messages = take(subscription, 1);
    const { outcome } = await entered(subscription, 'waiting');
    expect(outcome.headers).toMatchObject({ 'retry-after': '0', 'x-a': '1, 2' });
    expect(await entered(subscription, 'open')).toMatchObject({ headers: { 'set-cookie': ['a', 'b'] } });
    expect(data(await messages)).toEqual(['a']);
  });
});
