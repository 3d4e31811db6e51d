import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { firstValueFrom, toArray } from 'rxjs';
import { Agent, type Dispatcher } from 'undici';
import { SseReceiverService, type SseRequestHeaders } from '../../lib/receiver/index.js';
import { heapInUse } from '../pusher/support/collect-garbage.js';
import { AT_ONCE, data, entered, failureOf, take, takeAll } from './support/consumers.js';
import { answer, ScriptedServer, stream } from './support/scripted-server.js';

describe('careless callers', () => {
  let server: ScriptedServer;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    server = await ScriptedServer.start(stream('data: a\n\n'));
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    jest.useRealTimers();
    await receiver.onModuleDestroy();
    await server.close();
  });

  it('may give headers that can be read only once', async () => {
    const headers: SseRequestHeaders = new Map([['authorization', 'mine']]).entries();
    await take(receiver.subscribe(server.url, { headers }), 1);
    expect(server.requests[0]?.headers.authorization).toBe('mine');
  });

  it('may give an onComment that throws: that ends the subscription', async () => {
    server.script(stream(': ping\n\ndata: a\n\n'));
    const error = new Error('not this comment');
    const onComment = () => {
      throw error;
    };
    expect(await failureOf(takeAll(receiver.subscribe(server.url, { onComment })))).toBe(error);
    const odd = receiver.subscribe(server.url, {
      onComment: () => {
        throw 'a string';
      },
    });
    expect(await failureOf(takeAll(odd))).toMatchObject({ cause: 'a string' });
  });

  it('may give an onComment that is asynchronous: its rejection ends the subscription, not the process', async () => {
    server.script(stream(': hello\n\n'));
    const problem = new Error('not even that');
    const onComment = async () => {
      throw problem;
    };
    const subscription = receiver.subscribe(server.url, { onComment });
    expect(await failureOf(takeAll(subscription))).toBe(problem);
    await server.deserted();
  });

  it('may give an onSkip that is asynchronous: its rejection ends the subscription, too', async () => {
    server.script(stream(`data: ${'x'.repeat(2_000)}\n\n`));
    const problem = new Error('metrics are down');
    const onSkip = async () => {
      throw problem;
    };
    const options = { oversize: 'skip', maxMessageBytes: 1_024, onSkip } as const;
    expect(await failureOf(takeAll(receiver.subscribe(server.url, options)))).toBe(problem);
  });

  it('may close, and then fail, in onComment', async () => {
    server.script(stream(': hello\n\n'));
    const onComment = async () => {
      await subscription.close();
      throw new Error('too late to matter');
    };
    const subscription = receiver.subscribe(server.url, { onComment });
    expect(await takeAll(subscription)).toEqual([]);
  });

  it('may close in their retry policy', async () => {
    server.script(answer(503));
    const nextDelayMs = () => {
      void subscription.close();
      return 0;
    };
    const subscription = receiver.subscribe(server.url, { retry: { nextDelayMs } });
    const states = firstValueFrom(subscription.state$.pipe(toArray()));
    expect(await takeAll(subscription)).toEqual([]);
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(subscription.state).toBe('closed');
    expect((await states).map(({ phase }) => phase)).toEqual(['idle', 'connecting', 'closed']);
    expect(server.requests).toHaveLength(1);
  });

  it('may wait for headers that never come, which is a timeout and tried again', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    let calls = 0;
    const headers = () => (++calls === 1 ? new Promise<never>(() => {}) : {});
    const subscription = receiver.subscribe(server.url, { headers, connectTimeoutMs: 2_000, retry: AT_ONCE });
    const messages = take(subscription, 1);
    await new Promise(setImmediate);
    jest.advanceTimersByTime(2_000);
    const { outcome } = await entered(subscription, 'waiting');
    expect(outcome).toMatchObject({ kind: 'timeout', error: { code: 'SSE_CONNECT', retryable: true } });
    jest.advanceTimersByTime(0);
    expect(data(await messages)).toEqual(['a']);
  });

  it('who wait for headers that never come leave no timer behind when they close', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const subscription = receiver.subscribe(server.url, { headers: () => new Promise<never>(() => {}) });
    const consuming = takeAll(subscription);
    await new Promise(setImmediate);
    expect(jest.getTimerCount()).toBe(1);
    await subscription.close();
    expect(await consuming).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('who leave in the middle of a wait, and come back, do not shorten it', async () => {
    server.script(answer(503, { 'retry-after': '60' }), stream('data: a\n\n'));
    const retry = { baseMs: 0 };
    const subscription = receiver.subscribe(server.url, { retry });
    const first = subscription.messages$.subscribe();
    await entered(subscription, 'waiting');
    first.unsubscribe();
    expect(subscription.state).toBe('idle');
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
    const messages = take(subscription, 1);
    const state = await entered(subscription, 'waiting');
    expect(state.delayMs).toBeGreaterThan(50_000);
    expect(state.delayMs).toBeLessThanOrEqual(60_000);
    expect(state.outcome).toMatchObject({ status: 503, attempt: 1 });
    jest.advanceTimersByTime(state.delayMs);
    expect(data(await messages)).toEqual(['a']);
  });

  it('who leave do not begin the count of attempts anew', async () => {
    server.script(answer(503));
    const attempts: number[] = [];
    const nextDelayMs = ({ attempt }: { attempt: number }) => {
      attempts.push(attempt);
      return 0;
    };
    const subscription = receiver.subscribe(server.url, { retry: { nextDelayMs } });
    for (const count of [1, 2]) {
      const consumer = subscription.messages$.subscribe();
      await server.response(count);
      await entered(subscription, 'waiting');
      consumer.unsubscribe();
    }
    expect(attempts).toEqual([1, 2]);
  });

  it('may pass a dispatcher that answers at once: what it answers with is closed like everything', async () => {
    const agent = new Agent();
    const dispatch: Dispatcher['dispatch'] = (options, handler) => {
      if (options.path !== '/stream') return agent.dispatch(options, handler);
      const controller = { abort: () => {} } as unknown as Dispatcher.DispatchController;
      handler.onRequestStart?.(controller, {});
      handler.onResponseStart?.(controller, 302, { location: '/there' }, 'Found');
      handler.onResponseEnd?.(controller, {});
      return true;
    };
    const subscription = receiver.subscribe(server.url, { dispatcher: { dispatch } as unknown as Dispatcher });
    for await (const _message of subscription) await subscription.close();
    await server.deserted();
    expect(server.requests.map(({ url }) => url)).toEqual(['/there']);
    await agent.destroy();
  });

  it('may forget subscriptions without a close(): a signal that lives on does not remember them', async () => {
    const { signal } = new AbortController();
    for (let count = 0; count < 20; count++) receiver.subscribe(server.url, { signal });
    expect(getEventListeners(signal, 'abort')).toHaveLength(20);
    while (getEventListeners(signal, 'abort').length > 0) await heapInUse();
  });
});
