import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseReceiverService } from '../../lib/receiver/index.js';
import { AT_ONCE, data, entered, failureOf, take, takeAll } from './support/consumers.js';
import { type Act, answer, ScriptedServer, stream } from './support/scripted-server.js';

const ONCE = { retry: { maxAttempts: 1 } };

describe('redirects', () => {
  let server: ScriptedServer;
  let other: ScriptedServer;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    server = await ScriptedServer.start();
    other = await ScriptedServer.start(stream('data: there\n\n'));
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await Promise.all([server.close(), other.close()]);
  });

  const to = (location: string, status = 302): Act => answer(status, { location }, 'moved');

  it.each([301, 302, 303, 307, 308])('follows %i within the origin, headers and cursor included', async (status) => {
    server.script(to('./moved?x=1', status), stream('data: a\n\n'));
    const options = { headers: { authorization: 'Bearer t', cookie: 'c=1' }, lastEventId: '7' };
    expect(data(await take(receiver.subscribe(server.url, options), 1))).toEqual(['a']);
    expect(server.requests[1]).toMatchObject({
      method: 'GET',
      url: '/moved?x=1',
      headers: { authorization: 'Bearer t', cookie: 'c=1', 'last-event-id': '7', accept: 'text/event-stream' },
    });
    await server.deserted();
  });

  it('drops every header of the caller when the origin changes, and does not bring them back', async () => {
    server.script(to(`${other.origin}/away`), stream('data: back\n\n'));
    other.script(to(`${server.origin}/back`));
    const headers = {
      authorization: 'Bearer t',
      cookie: 'c=1',
      'x-api-key': 'k',
      accept: 'application/json',
      'user-agent': 'me',
    };
    await take(receiver.subscribe(server.url, { headers, lastEventId: '7' }), 1);
    const seen = [other.requests[0], server.requests[1]];
    for (const request of seen) {
      expect(Object.keys(request?.headers ?? {}).sort()).toEqual([
        'accept',
        'accept-encoding',
        'cache-control',
        'connection',
        'host',
        'last-event-id',
      ]);
      expect(request?.headers.accept).toBe('text/event-stream');
    }
  });

  it('drops the credentials of the URL, and never uses those of a Location', async () => {
    const { port } = other;
    server.script(to(`http://eve:evil@127.0.0.1:${port}/`));
    await take(receiver.subscribe(server.url.replace('://', '://jane:secret@')), 1);
    expect(server.requests[0]?.headers.authorization).toBe(`Basic ${btoa('jane:secret')}`);
    expect(other.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('asks at the original URL again after each loss', async () => {
    server.script(to('/moved', 301), answer(503), stream('data: a\n\n'));
    await take(receiver.subscribe(server.url, { retry: AT_ONCE }), 1);
    expect(server.requests.map(({ url }) => url)).toEqual(['/stream', '/moved', '/stream']);
  });

  it.each([
    ['a circle', '/stream', 'in a circle'],
    ['a Location that is no URL', 'http://[', 'to a Location that is no URL'],
    ['another scheme', 'file:///etc/passwd', 'to file:, which is not followed'],
  ])('does not follow %s, and comes back slowly', async (_what, location, told) => {
    server.script(to(location));
    const subscription = receiver.subscribe(server.url, { retry: { maxMs: 40_000 } });
    const ended = takeAll(subscription);
    const { outcome, delayMs } = await entered(subscription, 'waiting');
    expect(outcome).toMatchObject({ kind: 'redirect', status: 302, willRetry: true, nextDelayMs: delayMs });
    expect(outcome.error).toMatchObject({ code: 'SSE_CONNECT', kind: 'redirect', retryable: true });
    expect(outcome.error?.message).toContain(`was redirected ${told}`);
    expect(delayMs).toBeGreaterThanOrEqual(40_000);
    await server.deserted();
    await subscription.close();
    await ended;
    expect(server.requests).toHaveLength(1);
  });

  it('goes on once the redirect leads somewhere', async () => {
    server.script(to('/stream'), answer(302), stream('data: a\n\n'));
    expect(data(await take(receiver.subscribe(server.url, { retry: AT_ONCE }), 1))).toEqual(['a']);
  });

  it('does not follow one without a Location', async () => {
    server.script(answer(302));
    const failure = await failureOf(takeAll(receiver.subscribe(server.url, ONCE)));
    expect(failure.message).toContain('was redirected without a Location');
  });

  it('does not follow a circle of several, on two servers', async () => {
    server.script(to(`${other.origin}/b`));
    other.script(to(server.url));
    const failure = await failureOf(takeAll(receiver.subscribe(server.url, ONCE)));
    expect(failure.message).toContain('was redirected in a circle');
    expect([server.requests.length, other.requests.length]).toEqual([1, 1]);
  });

  it('follows 5, or as many as maxRedirects says; one is final where none are', async () => {
    let hop = 0;
    server.script((response) => response.writeHead(302, { location: `/${hop++}` }).end());
    const failure = await failureOf(takeAll(receiver.subscribe(server.url, ONCE)));
    expect(failure.message).toContain('was redirected more than 5 times, the limit');
    expect(server.requests).toHaveLength(6);
    const final = await failureOf(takeAll(receiver.subscribe(server.url, { maxRedirects: 0 })));
    expect(final).toMatchObject({ kind: 'redirect', retryable: false, willRetry: false });
    expect(server.requests).toHaveLength(7);
  });

  describe('that a function given as allow', () => {
    it('is asked about, with every URL, and permits', async () => {
      server.script(to(`${other.origin}/b?secret#f`));
      const asked: string[] = [];
      const allow = async ({ href }: URL) => asked.push(href) > 0;
      expect(data(await take(receiver.subscribe(server.url, { allow }), 1))).toEqual(['there']);
      expect(asked).toEqual([server.url, `${other.origin}/b?secret`]);
    });

    it('refuses are final, and never requested', async () => {
      server.script(to(`${other.origin}/b`));
      const allow = (url: URL) => url.origin === server.origin;
      const failure = await failureOf(takeAll(receiver.subscribe(server.url, { allow })));
      expect(failure).toMatchObject({ code: 'SSE_CONNECT', kind: 'redirect', status: 302, retryable: false });
      expect(failure.message).toContain('was redirected to a URL that the option allow refuses');
      expect(other.requests).toHaveLength(0);
      await server.deserted();
    });

    it.each([false, undefined, 1, 'yes'])('answers with %p are refused, from the first URL on', async (answered) => {
      const allow = () => answered as boolean;
      const failure = await failureOf(takeAll(receiver.subscribe(`${server.url}?token=s3cret`, { allow })));
      expect(failure).toMatchObject({ kind: 'request', retryable: false });
      expect(failure.message).toBe(`GET ${server.url} is refused by the option allow`);
      expect(server.requests).toHaveLength(0);
    });

    it('fails about is tried again', async () => {
      server.script(to(`${other.origin}/b`));
      let calls = 0;
      const allow = () => {
        // The first URL; then that one and its redirect; then both again.
        if (++calls === 1 || calls === 3) throw new Error('the list cannot be read');
        return true;
      };
      const subscription = receiver.subscribe(server.url, { allow, retry: AT_ONCE });
      const kinds: unknown[] = [];
      subscription.state$.subscribe((state) => state.phase === 'waiting' && kinds.push(state.outcome.kind));
      expect(data(await take(subscription, 1))).toEqual(['there']);
      expect(kinds).toEqual(['request', 'redirect']);
    });

    it('does not answer about is given up', async () => {
      server.script(to(`${other.origin}/b`));
      const allow = ({ origin }: URL) => origin === server.origin || new Promise<boolean>(() => {});
      const options = { allow, connectTimeoutMs: 50, ...ONCE };
      const failure = await failureOf(takeAll(receiver.subscribe(server.url, options)));
      expect(failure).toMatchObject({ kind: 'timeout', message: expect.stringContaining('allow did not answer') });
    });
  });

  describe('of a POST', () => {
    const post = { method: 'POST', body: '{"q":1}', headers: { 'content-type': 'application/json', 'x-key': 'k' } };

    it.each([301, 302, 303])('becomes a GET at %i', async (status) => {
      server.script(to('/moved', status), stream('data: a\n\n'));
      await take(receiver.subscribe(server.url, post), 1);
      expect(server.requests[1]).toMatchObject({ method: 'GET', headers: { 'x-key': 'k' } });
      expect(server.requests[1]?.headers['content-type']).toBeUndefined();
      expect(await server.requests[1]?.body).toBe('');
    });

    it.each([307, 308])('stays one at %i, with its body', async (status) => {
      server.script(to('/moved', status), stream('data: a\n\n'));
      await take(receiver.subscribe(server.url, post), 1);
      expect(server.requests[1]).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } });
      expect(await server.requests[1]?.body).toBe('{"q":1}');
    });

    it.each([301, 302, 303])(
      'goes to another origin at %i, where it is a GET without body and headers',
      async (status) => {
        server.script(to(`${other.origin}/`, status));
        expect(data(await take(receiver.subscribe(server.url, post), 1))).toEqual(['there']);
        expect(other.requests[0]).toMatchObject({ method: 'GET' });
        expect(other.requests[0]?.headers).not.toHaveProperty('x-key');
        expect(await other.requests[0]?.body).toBe('');
      },
    );

    it('never takes its body to another origin', async () => {
      server.script(to(`${other.origin}/`, 307));
      const failure = await failureOf(takeAll(receiver.subscribe(server.url, post)));
      expect(failure.message).toContain('of a request with a body to another origin');
      expect(other.requests).toHaveLength(0);
    });
  });
});
