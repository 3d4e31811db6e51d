import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type RetryPolicy, SseReceiverService, type SseSubscription } from '../../lib/receiver/index.js';
import { AT_ONCE, entered, failureOf } from './support/consumers.js';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n';
const MESSAGES = 100;
const BODY = `data: ${'x'.repeat(994)}\n\n`.repeat(MESSAGES);
const CHUNK = `${BODY.length.toString(16)}\r\n${BODY}\r\n`;
/** Small enough to arrive with its end in one piece, many enough to be held up. */
const MANY = 1_500;
const ENDED = `${HEAD}content-length: ${9 * MANY}\r\n\r\n${'data: x\n\n'.repeat(MANY)}`;

describe('while a consumer holds the stream up', () => {
  let server: Server;
  let sockets: Socket[];
  let receiver: SseReceiverService;
  let serve: (socket: Socket) => void;

  beforeEach(async () => {
    receiver = new SseReceiverService();
    sockets = [];
    server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
      socket.once('data', () => serve(socket));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** Takes one message, and no more: as much arrives as is let in. */
  async function holdUp(subscription: SseSubscription) {
    const iterator = subscription[Symbol.asyncIterator]();
    await iterator.next();
    return iterator;
  }

  async function turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
  }

  const endings: [string, (socket: Socket) => void][] = [
    ['resets', (socket) => socket.resetAndDestroy()],
    ['ends', (socket) => socket.end()],
  ];
  const framings = [
    ['a response without a length', `${HEAD}\r\n${BODY}`],
    ['a chunked response', `${HEAD}transfer-encoding: chunked\r\n\r\n${CHUNK}`],
    [
      'a chunked response that closes its connection',
      `${HEAD}transfer-encoding: chunked\r\nconnection: close\r\n\r\n${CHUNK}`,
    ],
  ];
  const cases = endings.flatMap(([how, end]) => framings.map(([what, reply]) => [how, what, reply, end] as const));

  it.each(cases)('a server that %s %s breaks nothing but that connection', async (_how, _what, reply, end) => {
    serve = (socket) => socket.write(reply as string);
    const subscription = receiver.subscribe(url(), { retry: { nextDelayMs: () => undefined } });
    const iterator = await holdUp(subscription);
    await turns(50);
    end(sockets[0] as Socket);
    await turns(50);
    const failed = failureOf(
      (async () => {
        while (!(await iterator.next()).done);
      })(),
    );
    expect(await failed).toMatchObject({ code: 'SSE_CONNECT' });
    await subscription.close();
  });

  it('no other connection is made, which would bring still more', async () => {
    serve = (socket) => socket.write(ENDED);
    const subscription = receiver.subscribe(url(), { retry: AT_ONCE });
    const iterator = await holdUp(subscription);
    await entered(subscription, 'waiting');
    await turns(200);
    expect(sockets).toHaveLength(1);
    expect(subscription.state).toBe('waiting');
    for (let taken = 1; taken < MANY; taken++) await iterator.next();
    const next = iterator.next();
    await once(server, 'connection');
    expect((await next).value?.data).toBe('x');
  });

  it('it goes on at its time when the consumer has caught up before that', async () => {
    serve = (socket) => socket.write(ENDED);
    const delays = [200, 0];
    const retry: RetryPolicy = { nextDelayMs: () => delays.shift() };
    const subscription = receiver.subscribe(url(), { retry });
    const iterator = await holdUp(subscription);
    await entered(subscription, 'waiting');
    for (let taken = 1; taken < MANY; taken++) await iterator.next();
    const next = iterator.next();
    expect(subscription.state).toBe('waiting');
    await once(server, 'connection');
    expect((await next).value?.data).toBe('x');
  });

  it('nothing goes on when it is closed in the middle of that', async () => {
    serve = (socket) => socket.write(ENDED);
    const subscription = receiver.subscribe(url(), { retry: AT_ONCE });
    await holdUp(subscription);
    await entered(subscription, 'waiting');
    await turns(50);
    await subscription.close();
    await turns(50);
    expect(subscription.state).toBe('closed');
    expect(sockets).toHaveLength(1);
  });

  it.each(['event', 'id'])('a long %s counts for what it is', async (field) => {
    const frame = `${field}: ${'n'.repeat(100_000)}\ndata: x\n\n`;
    const limit = 50 * 1024 * 1024;
    let written = 0;
    serve = (socket) => {
      socket.write(`${HEAD}\r\n`);
      const write = () => {
        while (written < limit) {
          written += frame.length;
          if (!socket.write(frame)) break;
        }
      };
      socket.on('drain', write);
      write();
    };
    await holdUp(receiver.subscribe(url(), { maxIdBytes: 100_000 }));
    for (let before = -1; written !== before && written < limit; ) {
      before = written;
      await turns(500);
    }
    expect(written).toBeLessThan(limit);
  });
});

describe('a response without a length', () => {
  it('that is reset was cut off: it has not ended in good order', async () => {
    const receiver = new SseReceiverService();
    const server = createServer((socket) => {
      socket.once('data', () => socket.write(`${HEAD}\r\ndata: a\n\n`));
      socket.on('error', () => {});
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const connected = once(server, 'connection');
    const { port } = server.address() as AddressInfo;
    const subscription = receiver.subscribe(`http://127.0.0.1:${port}`, { method: 'POST', body: 'x' });
    const iterator = subscription[Symbol.asyncIterator]();
    expect((await iterator.next()).value?.data).toBe('a');
    const [socket] = await connected;
    socket.resetAndDestroy();
    expect(await failureOf(iterator.next())).toMatchObject({ kind: 'network' });
    await new Promise((resolve) => server.close(resolve));
  });
});
