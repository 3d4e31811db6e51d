import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type RetryContext,
  type SseConnectionState,
  type SseReceiverOptions,
  SseReceiverService,
} from '../../lib/receiver/index.js';
import { AT_ONCE, entered, failureOf, take, takeAll } from './support/consumers.js';
import { RawServer, say, sayAndEnd, sayAndReset } from './support/raw-server.js';
import { answer, ScriptedServer, stream, streamAndEnd } from './support/scripted-server.js';

const letters = (...ids: number[]) => ids.map((id) => `id: ${id}\ndata: ${id}\n\n`).join('');

describe('review: after close()', () => {
  let server: ScriptedServer;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    server = await ScriptedServer.start(stream(letters(1, 2, 3)));
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await server.close();
  });

  it('delivers nothing any more to a consumer that is behind another one', async () => {
    const subscription = receiver.subscribe(server.url);
    const quick = subscription[Symbol.asyncIterator]();
    const slow = subscription[Symbol.asyncIterator]();
    const first = slow.next();
    for (let i = 0; i < 3; i++) await quick.next();
    await first;
    await subscription.close();
    expect(await slow.next()).toEqual({ done: true, value: undefined });
  });

  it('calls no handler any more that is behind another consumer', async () => {
    const subscription = receiver.subscribe(server.url);
    const handled: string[] = [];
    let letGo = () => {};
    const processing = subscription.process(async ({ data }) => {
      handled.push(data);
      await new Promise<void>((resolve) => {
        letGo = resolve;
      });
    });
    const quick = subscription[Symbol.asyncIterator]();
    for (let i = 0; i < 3; i++) await quick.next();
    await subscription.close();
    letGo();
    const done = processing.then(() => 'done');
    expect(await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 500, 'a handler runs again'))])).toBe(
      'done',
    );
    expect(handled).toEqual(['1']);
  });

  it.each(['drop-oldest', 'fail'] as const)('hands nothing of what waits to concatMap() with %s', async (overflow) => {
    const subscription = receiver.subscribe(server.url);
    const begun: string[] = [];
    let letGo = () => {};
    subscription
      .concatMap(
        ({ data }) => {
          begun.push(data);
          return new Promise<void>((resolve) => {
            letGo = resolve;
          });
        },
        { overflow },
      )
      .subscribe();
    await take(subscription, 3);
    await subscription.close();
    letGo();
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toEqual(['1']);
  });
});

describe('review: refusals whose body breaks off', () => {
  let server: RawServer;
  let receiver: SseReceiverService;

  beforeEach(() => {
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await server.close();
  });

  const cutRefusal = 'HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\ncontent-length: 100\r\n\r\nYou may not';

  it.each([
    ['ended', sayAndEnd(cutRefusal)],
    ['reset', sayAndReset(cutRefusal)],
  ])('a 403 is final though its body is %s too early', async (_how, act) => {
    server = await RawServer.start(act);
    const states: SseConnectionState[] = [];
    const subscription = receiver.subscribe(server.url, { retry: { baseMs: 0, maxAttempts: 3 } });
    subscription.state$.subscribe((state) => states.push(state));
    const failure = await failureOf(takeAll(subscription));
    expect(failure).toMatchObject({ kind: 'http', status: 403, bodyExcerpt: 'You may not', retryable: false });
    expect(server.heads).toHaveLength(1);
  });

  it('a 404 is final though its body is not in the coding that it says', async () => {
    server = await RawServer.start(
      say('HTTP/1.1 404 Not Found\r\ncontent-encoding: gzip\r\ncontent-length: 9\r\n\r\nnot found'),
    );
    const subscription = receiver.subscribe(server.url, { decompress: true, retry: { baseMs: 0, maxAttempts: 3 } });
    const failure = await failureOf(takeAll(subscription));
    expect(failure).toMatchObject({ kind: 'http', status: 404, retryable: false });
    expect(server.heads).toHaveLength(1);
  });

  it('a 503 tells when to come back though its body breaks off', async () => {
    server = await RawServer.start(
      sayAndEnd('HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 100\r\n\r\nlater'),
    );
    const asked: (number | undefined)[] = [];
    const subscription = receiver.subscribe(server.url, {
      retry: {
        nextDelayMs: ({ serverDelayMs }) => {
          asked.push(serverDelayMs);
          return undefined;
        },
      },
    });
    await failureOf(takeAll(subscription));
    expect(asked).toEqual([7_000]);
  });
});

describe('review: the row of lost connections', () => {
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

  const subscribe = (options: SseReceiverOptions) => receiver.subscribe(server.url, options);

  it('begins with a 401 that a fresh token is asked for', async () => {
    server.script(answer(401), answer(503), streamAndEnd(letters(1)), answer(204));
    const began = performance.now();
    const told: RetryContext[] = [];
    const retry = {
      nextDelayMs: (context: RetryContext) => {
        told.push(context);
        return 0;
      },
    };
    await takeAll(subscribe({ headers: () => ({ authorization: 'a' }), retry }));
    expect(told[0]?.elapsedMs).toBeLessThanOrEqual(performance.now() - began);
  });

  it('does not give up after a 401 and a 503 that come at once, with an hour of maxElapsedMs, an hour later', async () => {
    server.script(answer(401), answer(503), streamAndEnd(letters(1)), answer(204));
    // The process has run for two hours: what performance.now() says then.
    const real = performance.now.bind(performance);
    performance.now = () => real() + 7_200_000;
    try {
      const retry = { baseMs: 0, maxElapsedMs: 3_600_000 };
      const messages = await takeAll(subscribe({ headers: () => ({ authorization: 'a' }), retry }));
      expect(messages).toHaveLength(1);
    } finally {
      performance.now = real;
    }
  });

  it('is not ended by a 401 after another one, where an outage lay between the two', async () => {
    server.script(answer(401), answer(503), answer(401), streamAndEnd(letters(1)), answer(204));
    const messages = await takeAll(subscribe({ headers: () => ({ authorization: 'a' }), retry: AT_ONCE }));
    expect(messages).toHaveLength(1);
  });

  it('is not longer than maxAttempts with a 401 either', async () => {
    server.script(answer(401));
    await failureOf(takeAll(subscribe({ headers: () => ({}), retry: { maxAttempts: 1 } })));
    expect(server.requests).toHaveLength(1);
  });

  it('tells no lastError when the connection before this one did not fail', async () => {
    server.script(answer(503), stream(letters(1)));
    const errors: unknown[] = [];
    const subscription = subscribe({
      retry: AT_ONCE,
      headers: ({ lastError }) => {
        errors.push(lastError);
        return {};
      },
    });
    await take(subscription, 1);
    await take(subscription, 1);
    expect(errors).toEqual([undefined, expect.objectContaining({ status: 503 }), undefined]);
  });
});

describe('review: listeners that are asynchronous', () => {
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

  it('ends with what an onSkip rejects with', async () => {
    server.script(stream(`data: ${'x'.repeat(2_000)}\n\n`));
    const failure = new Error('metrics are down');
    const subscription = receiver.subscribe(server.url, {
      oversize: 'skip',
      maxMessageBytes: 1_024,
      onSkip: async () => {
        throw failure;
      },
    });
    void subscription.process(async () => {}).catch(() => {});
    expect(await entered(subscription, 'closed')).toMatchObject({ error: failure });
  });
});
