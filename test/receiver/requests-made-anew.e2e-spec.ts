import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type RetryContext, type SseAttemptContext, SseReceiverService } from '../../lib/receiver/index.js';
import { AT_ONCE, data, entered, failureOf, take, takeAll } from './support/consumers.js';
import { answer, ScriptedServer, silence, stream, streamAndEnd } from './support/scripted-server.js';

describe('requests that are made anew for each connection', () => {
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

  it('take their URL from a function, asked with what is known', async () => {
    server.script(streamAndEnd('id: 1\ndata: a\n\n'), answer(503), stream('data: b\n\n'));
    const contexts: SseAttemptContext[] = [];
    const url = async (context: SseAttemptContext) => {
      contexts.push(context);
      return new URL(`${server.url}?after=${context.lastEventId}#fragment`);
    };
    expect(data(await take(receiver.subscribe(url, { retry: AT_ONCE }), 2))).toEqual(['a', 'b']);
    expect(server.requests.map((request) => request.url)).toEqual([
      '/stream?after=',
      '/stream?after=1',
      '/stream?after=1',
    ]);
    expect(contexts).toMatchObject([
      { attempt: 1, lastEventId: '' },
      { attempt: 2, lastEventId: '1' },
      { attempt: 3, lastEventId: '1', lastError: { code: 'SSE_CONNECT', status: 503 } },
    ]);
    expect(contexts.slice(0, 2).map((context) => 'lastError' in context)).toEqual([false, false]);
  });

  it('know no lastError when the connection before did not fail', async () => {
    server.script(answer(503), stream('data: a\n\n'));
    const errors: unknown[] = [];
    const headers = ({ lastError }: SseAttemptContext) => {
      errors.push(lastError);
      return {};
    };
    const subscription = receiver.subscribe(server.url, { headers, retry: AT_ONCE });
    await take(subscription, 1);
    await take(subscription, 1);
    expect(errors).toEqual([undefined, expect.objectContaining({ status: 503 }), undefined]);
  });

  it('send the credentials of such a URL, each time its own', async () => {
    server.script(streamAndEnd('data: a\n\n'), stream('data: b\n\n'));
    let count = 0;
    const url = () => server.url.replace('://', `://user${++count}:pw@`);
    await take(receiver.subscribe(url, { retry: AT_ONCE }), 2);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      `Basic ${btoa('user1:pw')}`,
      `Basic ${btoa('user2:pw')}`,
    ]);
  });

  it('prefer the authorization of the caller to the credentials of the URL', async () => {
    server.script(stream('data: a\n\n'));
    const options = { headers: { Authorization: 'Bearer t' } };
    await take(receiver.subscribe(server.url.replace('://', '://user:pw@'), options), 1);
    expect(server.requests[0]?.headers.authorization).toBe('Bearer t');
  });

  it.each(['/stream', 'file:///etc/passwd', 'nonsense', undefined])(
    'end when the URL function gives %p',
    async (given) => {
      const failure = await failureOf(takeAll(receiver.subscribe(() => given as string)));
      expect(failure).toMatchObject({ code: 'SSE_OPTIONS', problems: [{ option: 'url' }] });
    },
  );

  it('take their body from a function', async () => {
    server.script(streamAndEnd('id: 7\ndata: a\n\n'), stream('data: b\n\n'));
    const body = async ({ lastEventId }: SseAttemptContext) => JSON.stringify({ after: lastEventId });
    const options = { method: 'POST', body, retry: AT_ONCE };
    expect(data(await take(receiver.subscribe(server.url, options), 2))).toEqual(['a', 'b']);
    expect(await Promise.all(server.requests.map((request) => request.body))).toEqual([
      '{"after":""}',
      '{"after":"7"}',
    ]);
  });

  it('end when the body function gives what cannot be sent', async () => {
    const options = { method: 'POST', body: () => ({ q: 1 }) as never };
    const failure = await failureOf(takeAll(receiver.subscribe(server.url, options)));
    expect(failure).toMatchObject({ code: 'SSE_OPTIONS', problems: [{ option: 'body' }] });
    expect(server.requests).toHaveLength(0);
  });

  it('are tried again when a function failed, and given up when one does not answer', async () => {
    server.script(stream('data: a\n\n'));
    const url = jest.fn<() => Promise<string>>(() => Promise.resolve(server.url));
    url.mockRejectedValueOnce(new Error('discovery is down'));
    const subscription = receiver.subscribe(url, { retry: AT_ONCE });
    const waiting = entered(subscription, 'waiting');
    expect(data(await take(subscription, 1))).toEqual(['a']);
    expect((await waiting).outcome).toMatchObject({
      kind: 'request',
      error: { cause: { message: 'discovery is down' } },
    });

    const hanging = () => new Promise<string>(() => {});
    const options = { connectTimeoutMs: 20, retry: { maxAttempts: 1 } };
    expect(await failureOf(takeAll(receiver.subscribe(hanging, options)))).toMatchObject({ kind: 'timeout' });
  });

  describe('after a 401', () => {
    const headers = jest.fn<(context: SseAttemptContext) => Record<string, string>>();

    beforeEach(() => {
      let token = 0;
      headers.mockReset().mockImplementation(() => ({ authorization: `Bearer ${++token}` }));
    });

    it('are made once more, at once, with what the functions give now', async () => {
      server.script(answer(401, {}, 'expired'), stream('data: a\n\n'));
      const subscription = receiver.subscribe(server.url, { headers, retry: { baseMs: 60_000 } });
      const waiting = entered(subscription, 'waiting');
      expect(data(await take(subscription, 1))).toEqual(['a']);
      expect((await waiting).outcome).toMatchObject({
        kind: 'http',
        status: 401,
        bodyExcerpt: 'expired',
        willRetry: true,
        nextDelayMs: 0,
      });
      expect(server.requests.map(({ headers: { authorization } }) => authorization)).toEqual(['Bearer 1', 'Bearer 2']);
      expect(headers.mock.calls[1]).toMatchObject([{ attempt: 2, lastError: { status: 401, willRetry: true } }]);
    });

    it('end at the second one', async () => {
      server.script(answer(401));
      const failure = await failureOf(takeAll(receiver.subscribe(server.url, { headers })));
      expect(failure).toMatchObject({ code: 'SSE_CONNECT', status: 401, attempt: 2, willRetry: false });
      expect(server.requests).toHaveLength(2);
    });

    it('are refreshed again when something else has happened in between', async () => {
      server.script(answer(401), answer(503), answer(401), stream('data: a\n\n'));
      expect(data(await take(receiver.subscribe(server.url, { headers, retry: AT_ONCE }), 1))).toEqual(['a']);
      expect(server.requests).toHaveLength(4);
    });

    it('end with retry: false, whatever could be made anew', async () => {
      server.script(answer(401));
      const failure = await failureOf(takeAll(receiver.subscribe(server.url, { headers, retry: false })));
      expect(failure).toMatchObject({ status: 401, attempt: 1 });
      expect(server.requests).toHaveLength(1);
    });

    it('end where the retry policy would not try again', async () => {
      server.script(answer(401));
      const failure = await failureOf(takeAll(receiver.subscribe(server.url, { headers, retry: { maxAttempts: 1 } })));
      expect(failure).toMatchObject({ status: 401, attempt: 1 });
    });

    it('begin the row of losses, whose time counts from there', async () => {
      server.script(answer(401), answer(503), stream('data: a\n\n'));
      const elapsed: number[] = [];
      const nextDelayMs = ({ elapsedMs }: RetryContext) => {
        elapsed.push(elapsedMs);
        return 0;
      };
      // The process has run for two hours when the first one is lost.
      const clock = jest.spyOn(performance, 'now').mockReturnValue(7_200_000);
      try {
        await take(receiver.subscribe(server.url, { headers, retry: { nextDelayMs } }), 1);
      } finally {
        clock.mockRestore();
      }
      expect(elapsed).toEqual([0, 0]);
    });

    it('are refreshed again after a connection that was let in, even without a message', async () => {
      const letIn = streamAndEnd(':\n');
      server.script(answer(401), letIn, answer(401), letIn, answer(401), stream('data: a\n\n'));
      expect(data(await take(receiver.subscribe(server.url, { headers, retry: AT_ONCE }), 1))).toEqual(['a']);
      expect(server.requests).toHaveLength(6);
    });

    it('end at once where nothing could be different', async () => {
      server.script(answer(401));
      const same = { headers: { authorization: 'Bearer 1' } };
      expect(await failureOf(takeAll(receiver.subscribe(server.url, same)))).toMatchObject({ status: 401, attempt: 1 });
      const asBrowsers = { headers, statusPolicy: 'whatwg' } as const;
      expect(await failureOf(takeAll(receiver.subscribe(server.url, asBrowsers)))).toMatchObject({
        status: 401,
        attempt: 1,
      });
      const post = { headers, method: 'POST', body: '{}' };
      expect(await failureOf(takeAll(receiver.subscribe(server.url, post)))).toMatchObject({ status: 401, attempt: 1 });
      expect(server.requests).toHaveLength(3);
    });
  });

  it('are abandoned by close() while a function is being waited for', async () => {
    server.script(silence);
    const subscription = receiver.subscribe(() => new Promise<string>(() => {}));
    const ended = takeAll(subscription);
    await entered(subscription, 'connecting');
    await subscription.close();
    expect(await ended).toEqual([]);
    expect(server.requests).toHaveLength(0);
  });
});
