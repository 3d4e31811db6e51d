import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  type RetryContext,
  type RetryPolicy,
  type SseConnectionState,
  SseReceiverService,
} from '../../lib/receiver/index.js';
import { AT_ONCE, data, entered, failureOf, take, takeAll } from './support/consumers.js';
import { answer, ScriptedServer, silence, stream, streamAndEnd } from './support/scripted-server.js';

describe('the life of connections', () => {
  let server: ScriptedServer;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    server = await ScriptedServer.start();
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await server.close();
  });

  /** Comes back at once, and notes which loss in a row each was. */
  function notingPolicy(healthyAfterMs?: number): RetryPolicy & { attempts: number[] } {
    const attempts: number[] = [];
    const nextDelayMs = ({ attempt }: RetryContext) => {
      attempts.push(attempt);
      return 0;
    };
    return { attempts, nextDelayMs, ...(healthyAfterMs !== undefined && { healthyAfterMs }) };
  }

  it('is good for nothing without a message and a time: the losses count on', async () => {
    server.script(streamAndEnd(':\n'), streamAndEnd(':\n'), answer(503), stream('data: a\n\n'));
    const retry = notingPolicy();
    await take(receiver.subscribe(server.url, { retry }), 1);
    expect(retry.attempts).toEqual([1, 2, 3]);
  });

  it('begins a new row of losses after a message', async () => {
    server.script(answer(503), streamAndEnd('data: a\n\n'), answer(503), stream('data: b\n\n'));
    const retry = notingPolicy();
    await take(receiver.subscribe(server.url, { retry }), 2);
    expect(retry.attempts).toEqual([1, 1, 2]);
  });

  it('begins a new row of losses after it was open for healthyAfterMs, and only if it was open', async () => {
    server.script(answer(503), streamAndEnd(':\n'), answer(503), streamAndEnd(':\n'), stream('data: a\n\n'));
    const retry = notingPolicy(0);
    await take(receiver.subscribe(server.url, { retry }), 1);
    expect(retry.attempts).toEqual([1, 1, 2, 1]);
  });

  it('does not take the connection before for its own where the request could not even be made', async () => {
    server.script(streamAndEnd(':\n'), stream('data: a\n\n'));
    const retry = notingPolicy(0);
    const headers = jest.fn(() => ({}));
    headers.mockReturnValueOnce({}).mockImplementationOnce(() => {
      throw new Error('no token');
    });
    await take(receiver.subscribe(server.url, { retry, headers }), 1);
    expect(retry.attempts).toEqual([1, 2]);
  });

  it('is not followed by the next one at once where consumers come and go', async () => {
    server.script(stream('id: 1\ndata: a\n\n'));
    const subscription = receiver.subscribe(server.url);
    const waits: unknown[] = [];
    subscription.state$.subscribe((state) => state.phase === 'waiting' && waits.push(state.outcome));
    for (let stays = 0; stays < 3; stays++) await take(subscription, 1);
    expect(waits).toMatchObject([
      { kind: 'aborted', attempt: 1, willRetry: true },
      { kind: 'aborted', attempt: 1, willRetry: true },
    ]);
  });

  it('ends with maxLifetimeMs, and the next one resumes', async () => {
    server.script(stream('id: 1\ndata: a\n\n'), stream('id: 2\ndata: b\n\n'));
    const subscription = receiver.subscribe(server.url, { maxLifetimeMs: 30, retry: AT_ONCE });
    const waiting = entered(subscription, 'waiting');
    expect(data(await take(subscription, 2))).toEqual(['a', 'b']);
    expect((await waiting).outcome).toMatchObject({ kind: 'lifetime', willRetry: true, attempt: 1 });
    expect((await waiting).outcome.error?.message).toMatch(/has lasted for (2[4-9]|30) ms$/);
    expect(server.requests[1]?.headers['last-event-id']).toBe('1');
  });

  it.each([
    [0, 1_000],
    [0.5, 900],
    [1, 800],
  ])('lasts up to a fifth less than maxLifetimeMs: the dice show %p', async (dice, lifetimeMs) => {
    const random = jest.spyOn(Math, 'random').mockReturnValue(dice);
    const timeout = jest.spyOn(globalThis, 'setTimeout');
    try {
      server.script(stream('data: a\n\n'));
      await take(receiver.subscribe(server.url, { maxLifetimeMs: 1_000 }), 1);
      expect(timeout.mock.calls.map(([, ms]) => ms)).toContain(lifetimeMs);
    } finally {
      random.mockRestore();
      timeout.mockRestore();
    }
  });

  describe('outcomes', () => {
    it('are told on the error that ends it, too', async () => {
      server.script(answer(503, { 'x-why': 'deploy' }, 'back soon'));
      const subscription = receiver.subscribe(server.url, { retry: { maxAttempts: 2, baseMs: 0 } });
      const states: SseConnectionState[] = [];
      subscription.state$.subscribe((state) => states.push(state));
      const failure = await failureOf(takeAll(subscription));
      const known = { kind: 'http', status: 503, bodyExcerpt: 'back soon', headers: { 'x-why': 'deploy' } };
      expect(failure).toMatchObject({ ...known, retryable: true, attempt: 2, willRetry: false });
      const waiting = states.find((state) => state.phase === 'waiting');
      expect(waiting).toMatchObject({ outcome: { ...known, attempt: 1, willRetry: true, nextDelayMs: 100 } });
      expect(waiting).toMatchObject({
        outcome: { error: { ...known, attempt: 1, willRetry: true, nextDelayMs: 100 } },
      });
      expect(states.at(-1)).toMatchObject({ phase: 'closed', outcome: { ...known, attempt: 2, willRetry: false } });
    });

    it('say that it was closed', async () => {
      server.script(stream('data: a\n\n'));
      const subscription = receiver.subscribe(server.url);
      await subscription.process(() => subscription.close());
      const { outcome } = await entered(subscription, 'closed');
      expect(outcome).toEqual({ kind: 'aborted', attempt: 1, willRetry: false });
    });

    it('say that the signal was aborted, in the middle of a connection', async () => {
      server.script(silence);
      const abort = new AbortController();
      const subscription = receiver.subscribe(server.url, { signal: abort.signal });
      const ended = takeAll(subscription);
      await server.response(1);
      abort.abort();
      expect(await ended).toEqual([]);
      expect((await entered(subscription, 'closed')).outcome).toMatchObject({ kind: 'aborted' });
      await server.deserted();
    });
  });
});
