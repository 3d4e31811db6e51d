import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SseReceiverService } from '../../lib/receiver/index.js';
import { AT_ONCE, data, entered, failureOf, take, takeAll } from './support/consumers.js';
import { ScriptedServer, silence, stream } from './support/scripted-server.js';

const ONCE = { maxAttempts: 1 };

describe('timeouts', () => {
  let server: ScriptedServer;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    server = await ScriptedServer.start();
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    jest.useRealTimers();
    await receiver.onModuleDestroy();
    await server.close();
  });

  it('a server that never answers is left after firstByteTimeoutMs, and asked again', async () => {
    server.script(silence, stream('data: a\n\n'));
    const subscription = receiver.subscribe(server.url, { retry: AT_ONCE });
    const messages = take(subscription, 1);
    await server.response(1);
    jest.advanceTimersByTime(59_999);
    expect(subscription.state).toBe('connecting');
    jest.advanceTimersByTime(1);
    const { outcome } = await entered(subscription, 'waiting');
    expect(outcome).toMatchObject({ kind: 'timeout', willRetry: true });
    expect(outcome.error?.message).toContain('was not answered within 60000 ms');
    jest.advanceTimersByTime(0);
    expect(data(await messages)).toEqual(['a']);
  });

  it('a server that is not reached is left after connectTimeoutMs', async () => {
    const tls: Server = createServer((socket) => socket.on('error', () => {}));
    await once(tls.listen(0, '127.0.0.1'), 'listening');
    const { port } = tls.address() as { port: number };
    const reached = once(tls, 'connection');
    // TCP is there, but the TLS handshake never goes on.
    const subscription = receiver.subscribe(`https://127.0.0.1:${port}`, { connectTimeoutMs: 2_000, retry: ONCE });
    const failed = failureOf(takeAll(subscription));
    const [socket] = await reached;
    jest.advanceTimersByTime(2_000);
    expect(await failed).toMatchObject({ kind: 'timeout', retryable: true });
    expect((await failed).message).toContain('was not connected within 2000 ms');
    if (!socket.destroyed) await once(socket.resume(), 'close');
    await new Promise((resolve) => tls.close(resolve));
  });

  it('a stream that falls silent is left after idleTimeoutMs, any byte counting', async () => {
    server.script(stream('data: a\n\n'));
    const comments: string[] = [];
    const subscription = receiver.subscribe(server.url, {
      idleTimeoutMs: 10_000,
      retry: ONCE,
      onComment: (comment) => comments.push(comment),
    });
    const failed = failureOf(takeAll(subscription));
    await entered(subscription, 'open');
    for (const beat of ['one', 'two']) {
      jest.advanceTimersByTime(9_999);
      server.responses[0]?.write(`:${beat}\n`);
      while (!comments.includes(beat)) await new Promise(setImmediate);
    }
    jest.advanceTimersByTime(9_999);
    expect(subscription.state).toBe('open');
    jest.advanceTimersByTime(1);
    expect((await failed).message).toContain('was silent for 10000 ms');
    await server.deserted();
  });

  it('a stream without pings is given 5 minutes', async () => {
    server.script(stream(': hello\n'));
    const subscription = receiver.subscribe(server.url, { retry: ONCE });
    const failed = failureOf(takeAll(subscription));
    await entered(subscription, 'open');
    jest.advanceTimersByTime(299_000);
    expect(subscription.state).toBe('open');
    jest.advanceTimersByTime(1_000);
    expect((await failed).kind).toBe('timeout');
  });

  it('a stream with pings is given three of their intervals', async () => {
    server.script(stream());
    const comments: string[] = [];
    const subscription = receiver.subscribe(server.url, { retry: ONCE, onComment: (text) => comments.push(text) });
    const failed = failureOf(takeAll(subscription));
    await entered(subscription, 'open');
    jest.advanceTimersByTime(20_000);
    server.responses[0]?.write(':ping\n');
    while (!comments.includes('ping')) await new Promise(setImmediate);
    jest.advanceTimersByTime(59_000);
    expect(subscription.state).toBe('open');
    jest.advanceTimersByTime(1_500);
    expect((await failed).message).toMatch(/was silent for 60\d\d\d ms/);
  });

  it('a consumer that is slow is not taken for a silent server', async () => {
    const frame = `data: ${'x'.repeat(1_000)}\n\n`;
    server.script(stream(frame.repeat(200)));
    const subscription = receiver.subscribe(server.url, { idleTimeoutMs: 10_000, retry: ONCE });
    const iterator = subscription[Symbol.asyncIterator]();
    await iterator.next();
    // Held up: the timer of the watchdog is gone.
    while (jest.getTimerCount() > 0) await new Promise(setImmediate);
    jest.advanceTimersByTime(100_000);
    for (let taken = 1; taken < 200; taken++) expect((await iterator.next()).done).toBe(false);
    const failed = failureOf(iterator.next());
    while (jest.getTimerCount() === 0) await new Promise(setImmediate);
    jest.advanceTimersByTime(10_000);
    expect((await failed).kind).toBe('timeout');
  });

  it('none is kept with 0', async () => {
    server.script(stream());
    const off = { connectTimeoutMs: 0, firstByteTimeoutMs: 0, idleTimeoutMs: 0 };
    const subscription = receiver.subscribe(server.url, off);
    const messages = takeAll(subscription);
    await entered(subscription, 'open');
    expect(jest.getTimerCount()).toBe(0);
    await subscription.close();
    await messages;
  });
});
