import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { isSseError } from '../../lib/protocol/index.js';
import { BackoffRetryPolicy, type RetryPolicy, SseConnectError, SseReceiverService } from '../../lib/receiver/index.js';
import { AT_ONCE, data, entered, failureOf, take, takeAll } from './support/consumers.js';
import { answer, ScriptedServer, stream, streamAndEnd } from './support/scripted-server.js';

describe('refusals', () => {
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

  it('ends quietly at 204', async () => {
    server.script(streamAndEnd('data: a\n\n'), answer(204));
    const subscription = receiver.subscribe(server.url, { retry: AT_ONCE });
    expect(data(await takeAll(subscription))).toEqual(['a']);
    expect(subscription.state).toBe('closed');
    await subscription.process(async () => {});
    await server.deserted();
  });

  it.each([400, 401, 403, 404, 410, 201, 205, 206, 299, 304])('ends with status %i', async (status) => {
    server.script(answer(status));
    const failure = await failureOf(takeAll(receiver.subscribe(server.url, { retry: AT_ONCE })));
    expect(failure).toBeInstanceOf(SseConnectError);
    expect(isSseError(failure)).toBe(true);
    expect(failure).toMatchObject({ code: 'SSE_CONNECT', kind: 'http', status, retryable: false });
    expect(server.requests).toHaveLength(1);
    await server.deserted();
  });

  it('carries the first bytes of the body', async () => {
    server.script(answer(404, { 'content-type': 'text/plain' }, `nö such stream ${'x'.repeat(5_000)}`));
    const failure = await failureOf(takeAll(receiver.subscribe(server.url)));
    expect(failure.bodyExcerpt).toMatch(/^nö such stream x+$/);
    expect(Buffer.byteLength(failure.bodyExcerpt)).toBe(1_024);
    await server.deserted();
  });

  it('does not wait for a refused body that never ends', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    server.script((response) => response.writeHead(403).write('go away'));
    const timeouts = { connectTimeoutMs: 0, firstByteTimeoutMs: 0 };
    const failed = failureOf(takeAll(receiver.subscribe(server.url, timeouts)));
    // The only timer that can be there is the one for the body.
    while (jest.getTimerCount() === 0) await new Promise(setImmediate);
    jest.advanceTimersByTime(1_000);
    expect(await failed).toMatchObject({ status: 403 });
    await server.deserted();
  });

  it.each([408, 425, 429, 500, 502, 503, 504])('tries again after %i', async (status) => {
    server.script(answer(status), stream('data: a\n\n'));
    expect(data(await take(receiver.subscribe(server.url, { retry: AT_ONCE }), 1))).toEqual(['a']);
    expect(server.requests).toHaveLength(2);
  });

  it.each([429, 503])("takes %i for final with the policy 'whatwg'", async (status) => {
    server.script(answer(status));
    const subscription = receiver.subscribe(server.url, { statusPolicy: 'whatwg', retry: AT_ONCE });
    expect(await failureOf(takeAll(subscription))).toMatchObject({ status, retryable: false });
  });

  it.each([
    ['another', { 'content-type': 'text/html' }, 'text/html'],
    ['a longer', { 'content-type': 'text/event-stream-x' }, 'text/event-stream-x'],
    ['no', {}, 'undefined'],
  ])('ends at %s content type', async (_which, headers, told) => {
    server.script(answer(200, headers as Record<string, string>, '<html>'));
    const failure = await failureOf(takeAll(receiver.subscribe(server.url)));
    expect(failure).toMatchObject({ kind: 'content-type', status: 200, retryable: false, bodyExcerpt: '<html>' });
    expect(failure.message).toContain(told);
    await server.deserted();
  });

  it('takes the content type with parameters, in any case', async () => {
    server.script((response) => {
      response.writeHead(200, { 'content-type': 'Text/Event-Stream; charset=latin1' }).write('data: ✓\n\n');
    });
    expect(data(await take(receiver.subscribe(server.url), 1))).toEqual(['✓']);
  });

  it('ends at a content encoding that it did not ask for, rather than decode noise', async () => {
    server.script((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      response.end(gzipSync('data: a\n\n'));
    });
    const failure = await failureOf(takeAll(receiver.subscribe(server.url)));
    expect(failure).toMatchObject({ kind: 'content-type', retryable: false });
    expect(failure.message).toContain('gzip');
  });

  it('ends at a message that is too large, and lets the stream go', async () => {
    server.script(stream('data: small\n\n', `data: ${'x'.repeat(2_000)}\n\n`));
    const subscription = receiver.subscribe(server.url, { maxMessageBytes: 1_000 });
    const failed = failureOf(takeAll(subscription));
    expect(await entered(subscription, 'closed')).toMatchObject({ outcome: { kind: 'decode', willRetry: false } });
    expect(await failed).toMatchObject({ code: 'SSE_DECODE', reason: 'too-large' });
    await server.deserted();
  });

  describe('waiting', () => {
    const noJitter = new BackoffRetryPolicy({}, () => 0);

    beforeEach(() => {
      jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    });

    /** Lets the subscription wait once, and tells for how long. */
    async function delayOnce(subscription: ReturnType<SseReceiverService['subscribe']>): Promise<number> {
      const { delayMs } = await entered(subscription, 'waiting');
      jest.advanceTimersByTime(delayMs - 1);
      await new Promise(setImmediate);
      expect(subscription.state).toBe('waiting');
      jest.advanceTimersByTime(1);
      return delayMs;
    }

    it('lasts as long as Retry-After says, in seconds', async () => {
      server.script(answer(429, { 'retry-after': '7' }), stream('data: a\n\n'));
      const subscription = receiver.subscribe(server.url, { retry: noJitter });
      const messages = take(subscription, 1);
      expect(await delayOnce(subscription)).toBe(7_000);
      expect(data(await messages)).toEqual(['a']);
    });

    it.each([
      ['retry: 9000', 9_000],
      ['retry: 3000', 7_000],
    ])('lasts for the longer of Retry-After: 7 and %s', async (retryField, delayMs) => {
      server.script(
        streamAndEnd(`${retryField}\ndata: a\n\n`),
        answer(503, { 'retry-after': '7' }),
        stream('data: b\n\n'),
      );
      const subscription = receiver.subscribe(server.url, { retry: noJitter });
      const messages = take(subscription, 2);
      await delayOnce(subscription);
      expect(await delayOnce(subscription)).toBe(delayMs);
      expect(data(await messages)).toEqual(['a', 'b']);
    });

    it('lasts until the date in Retry-After', async () => {
      jest.setSystemTime(new Date('2026-03-01T12:00:00Z'));
      server.script(answer(503, { 'retry-after': 'Sun, 01 Mar 2026 12:00:30 GMT' }), stream('data: a\n\n'));
      const subscription = receiver.subscribe(server.url, { retry: noJitter });
      const messages = take(subscription, 1);
      expect(await delayOnce(subscription)).toBe(30_000);
      expect(data(await messages)).toEqual(['a']);
    });

    it("lasts at least the server's retry:, which holds for later connections too", async () => {
      server.script(streamAndEnd('retry: 4000\ndata: a\n\n'), answer(500), stream('data: b\n\n'));
      const subscription = receiver.subscribe(server.url, { retry: noJitter });
      const messages = take(subscription, 2);
      expect(await delayOnce(subscription)).toBe(4_000);
      expect(await delayOnce(subscription)).toBe(4_000);
      expect(data(await messages)).toEqual(['a', 'b']);
    });

    it.each(['retry: 99999999999\n', 'retry: 0\n', ''])('never spins: %j', async (retry) => {
      server.script(streamAndEnd(retry, ':\n'));
      const subscription = receiver.subscribe(server.url, { retry: noJitter });
      const messages = takeAll(subscription);
      const { delayMs } = await entered(subscription, 'waiting');
      expect(delayMs).toBe(retry.includes('9') ? 3_600_000 : 100);
      await subscription.close();
      expect(await messages).toEqual([]);
    });

    it('grows while no message comes, and begins anew after one', async () => {
      const policy = new BackoffRetryPolicy({}, () => 1);
      server.script(answer(500), streamAndEnd(':\n'), answer(500), streamAndEnd('data: a\n\n'), stream('data: b\n\n'));
      const subscription = receiver.subscribe(server.url, { retry: policy });
      const messages = take(subscription, 2);
      const delays: number[] = [];
      while (delays.length < 4) delays.push(await delayOnce(subscription));
      expect(delays).toEqual([1_100, 2_100, 4_100, 1_100]);
      expect(data(await messages)).toEqual(['a', 'b']);
    });

    it('ends after maxAttempts, with the last reason', async () => {
      server.script(answer(503, {}, 'busy'));
      const subscription = receiver.subscribe(server.url, { retry: { baseMs: 0, maxAttempts: 3 } });
      const failed = failureOf(takeAll(subscription));
      await delayOnce(subscription);
      await delayOnce(subscription);
      const failure = await failed;
      expect(failure).toMatchObject({ code: 'SSE_CONNECT', status: 503, retryable: true, bodyExcerpt: 'busy' });
      expect(failure.message).toMatch(/^Gave up after 3 connections lost in a row; the last: GET .* status 503$/);
      expect(server.requests).toHaveLength(3);
    });

    it('ends rather than wait beyond maxElapsedMs', async () => {
      server.script(answer(503));
      const retry = { baseMs: 0, maxElapsedMs: 250 };
      const subscription = receiver.subscribe(server.url, { retry });
      const failed = failureOf(takeAll(subscription));
      await delayOnce(subscription);
      await delayOnce(subscription);
      expect((await failed).message).toContain('Gave up after 3');
    });

    it('ends with a typed error even when all that happened was a clean end', async () => {
      server.script(streamAndEnd('data: a\n\n'));
      const subscription = receiver.subscribe(server.url, { retry: { maxAttempts: 1 } });
      const failure = await failureOf(takeAll(subscription));
      expect(failure).toMatchObject({ code: 'SSE_CONNECT', kind: 'end' });
      expect(failure.message).toBe('Gave up after 1 connection lost in a row; the last: the server ended the stream');
    });
  });

  describe('a retry policy of your own', () => {
    it('is told what there is to know', async () => {
      const nextDelayMs = jest.fn<RetryPolicy['nextDelayMs']>(() => undefined);
      server.script(streamAndEnd('retry: 5\n'));
      await failureOf(takeAll(receiver.subscribe(server.url, { retry: { nextDelayMs } })));
      expect(nextDelayMs).toHaveBeenCalledWith({
        attempt: 1,
        elapsedMs: expect.any(Number),
        serverDelayMs: 5,
        outcome: expect.objectContaining({ kind: 'end', status: 200, attempt: 1 }),
      });
    });

    it.each([Number.NaN, -1])('that answers %d ends the subscription instead of spinning', async (delay) => {
      server.script(answer(500));
      const subscription = receiver.subscribe(server.url, { retry: { nextDelayMs: () => delay } });
      expect(await failureOf(takeAll(subscription))).toMatchObject({
        code: 'SSE_OPTIONS',
        problems: [{ option: 'retry' }],
      });
    });

    it('that throws ends the subscription with what it threw', async () => {
      server.script(answer(500));
      const nextDelayMs = () => {
        throw new Error('undecided');
      };
      await expect(takeAll(receiver.subscribe(server.url, { retry: { nextDelayMs } }))).rejects.toThrow('undecided');
    });
  });
});
