import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { firstValueFrom, toArray } from 'rxjs';
import { SseReceiverService, type SseSubscription } from '../../lib/receiver/index.js';
import { AT_ONCE, entered, take, takeAll } from './support/consumers.js';
import { answer, ScriptedServer, silence, stream } from './support/scripted-server.js';

describe('closing', () => {
  let server: ScriptedServer;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    server = await ScriptedServer.start();
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    jest.useRealTimers();
    await receiver.onModuleDestroy();
    await server.close();
  });

  /** Three kinds of consumers, and what becomes of them. */
  function consume(subscription: SseSubscription) {
    return Promise.all([
      takeAll(subscription),
      firstValueFrom(subscription.messages$.pipe(toArray())),
      subscription.process(async () => {}),
    ]);
  }

  /** Every consumer ends without a message, the server is left alone, and nothing more happens. */
  async function expectEnded(subscription: SseSubscription, consumers: ReturnType<typeof consume>) {
    expect(await consumers).toEqual([[], [], undefined]);
    expect(subscription.state).toBe('closed');
    expect(await takeAll(subscription)).toEqual([]);
    await subscription.process(async () => {});
    expect(await firstValueFrom(subscription.messages$.pipe(toArray()))).toEqual([]);
    await server.deserted();
    expect(server.sockets.size).toBe(0);
  }

  it('while idle', async () => {
    const subscription = receiver.subscribe(server.url);
    await subscription.close();
    await expectEnded(subscription, consume(subscription));
    expect(server.requests).toHaveLength(0);
  });

  it('while the headers are being made', async () => {
    const subscription = receiver.subscribe(server.url, { headers: () => new Promise(() => {}) });
    const consumers = consume(subscription);
    await entered(subscription, 'connecting');
    await subscription.close();
    await expectEnded(subscription, consumers);
  });

  it.each([0, 1, 2, 3, 4, 5, 6])('while connecting, %i turns of the loop in', async (turns) => {
    server.script(stream('data: a\n\n'));
    const subscription = receiver.subscribe(server.url);
    const consumers = takeAll(subscription);
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
    await subscription.close();
    await consumers;
    await server.deserted();
    const { length } = server.requests;
    await new Promise(setImmediate);
    expect(server.requests).toHaveLength(length);
    expect(subscription.state).toBe('closed');
  });

  it('before the headers of the response', async () => {
    server.script(silence);
    const subscription = receiver.subscribe(server.url);
    const consumers = consume(subscription);
    await server.response(1);
    await subscription.close();
    await expectEnded(subscription, consumers);
  });

  it('while open', async () => {
    server.script(stream());
    const subscription = receiver.subscribe(server.url);
    const consumers = consume(subscription);
    await entered(subscription, 'open');
    await subscription.close();
    await expectEnded(subscription, consumers);
  });

  it('while a refused body is being read', async () => {
    server.script((response) => response.writeHead(404).write('go'));
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const subscription = receiver.subscribe(server.url, { connectTimeoutMs: 0, firstByteTimeoutMs: 0 });
    const consumers = consume(subscription);
    // The only timer that can be there is the one for the body.
    while (jest.getTimerCount() === 0) await new Promise(setImmediate);
    await subscription.close();
    expect(jest.getTimerCount()).toBe(0);
    await expectEnded(subscription, consumers);
  });

  it('while waiting', async () => {
    server.script(answer(503, { 'retry-after': '3000' }));
    const subscription = receiver.subscribe(server.url);
    const consumers = consume(subscription);
    await entered(subscription, 'waiting');
    await subscription.close();
    await expectEnded(subscription, consumers);
  });

  it('within a message: nothing more of the same chunk is delivered, to anybody', async () => {
    server.script(stream('data: a\n\ndata: b\n\ndata: c\n\n'));
    const subscription = receiver.subscribe(server.url);
    const seen: string[] = [];
    const done = jest.fn();
    subscription.messages$.subscribe({
      next: ({ data }) => {
        seen.push(`first ${data}`);
        if (data === 'b') void subscription.close();
      },
      complete: done,
    });
    subscription.messages$.subscribe(({ data }) => seen.push(`second ${data}`));
    await entered(subscription, 'closed');
    await server.deserted();
    expect(seen).toEqual(['first a', 'second a', 'first b']);
    expect(done).toHaveBeenCalledTimes(1);
  });

  it('within for await: what has arrived but was not taken is not delivered', async () => {
    server.script(stream('data: a\n\ndata: b\n\n'));
    const subscription = receiver.subscribe(server.url);
    const seen: string[] = [];
    for await (const { data } of subscription) {
      seen.push(data);
      await subscription.close();
    }
    expect(seen).toEqual(['a']);
  });

  it('while consumers still take what had arrived before the end', async () => {
    server.script(stream('data: a\n\ndata: b\n\n'), answer(204));
    const subscription = receiver.subscribe(server.url, { retry: AT_ONCE });
    const seen: string[] = [];
    for await (const { data } of subscription) {
      seen.push(data);
      server.responses[0]?.end();
      await entered(subscription, 'closed');
      await subscription.close();
    }
    expect(seen).toEqual(['a']);
  });

  it('may be done again', async () => {
    server.script(stream('data: a\n\n'));
    const subscription = receiver.subscribe(server.url);
    await take(subscription, 1);
    await Promise.all([subscription.close(), subscription.close()]);
    await subscription.close();
    expect(subscription.state).toBe('closed');
  });

  it('by the signal', async () => {
    server.script(stream());
    const aborter = new AbortController();
    const subscription = receiver.subscribe(server.url, { signal: aborter.signal });
    const consumers = consume(subscription);
    await entered(subscription, 'open');
    aborter.abort();
    await expectEnded(subscription, consumers);
    const idle = receiver.subscribe(server.url, { signal: aborter.signal });
    await expectEnded(idle, consume(idle));
    expect(server.requests).toHaveLength(1);
  });

  it('by the shutdown of the service, which then begins nothing any more', async () => {
    server.script(stream());
    const open = receiver.subscribe(server.url);
    const idle = receiver.subscribe(server.url);
    const consumers = consume(open);
    await entered(open, 'open');
    await receiver.onModuleDestroy();
    await expectEnded(open, consumers);
    expect(idle.state).toBe('closed');
    expect(receiver.subscribe(server.url).state).toBe('closed');
  });
});
