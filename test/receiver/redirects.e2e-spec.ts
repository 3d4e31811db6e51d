import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseReceiverService } from '../../lib/receiver/index.js';
import { AT_ONCE, data, failureOf, take, takeAll } from './support/consumers.js';
import { type Act, answer, ScriptedServer, stream } from './support/scripted-server.js';

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
    const headers = { authorization: 'Bearer t', cookie: 'c=1', 'x-api-key': 'k', accept: 'application/json' };
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
  ])('ends at %s', async (_what, location, told) => {
    server.script(to(location));
    const failure = await failureOf(takeAll(receiver.subscribe(server.url, { retry: AT_ONCE })));
    expect(failure).toMatchObject({ code: 'SSE_CONNECT', kind: 'redirect', status: 302, retryable: false });
    expect(failure.message).toContain(`was redirected ${told}`);
    await server.deserted();
  });

  it('ends without a Location', async () => {
    server.script(answer(302));
    const failure = await failureOf(takeAll(receiver.subscribe(server.url)));
    expect(failure.message).toContain('was redirected without a Location');
  });

  it('ends at a circle of several, on two servers', async () => {
    server.script(to(`${other.origin}/b`));
    other.script(to(server.url));
    const failure = await failureOf(takeAll(receiver.subscribe(server.url)));
    expect(failure.message).toContain('was redirected in a circle');
    expect([server.requests.length, other.requests.length]).toEqual([1, 1]);
  });

  it('ends after 5, or as many as maxRedirects says', async () => {
    let hop = 0;
    server.script((response) => response.writeHead(302, { location: `/${hop++}` }).end());
    const failure = await failureOf(takeAll(receiver.subscribe(server.url)));
    expect(failure.message).toContain('was redirected more than 5 times, the limit');
    expect(server.requests).toHaveLength(6);
    await failureOf(takeAll(receiver.subscribe(server.url, { maxRedirects: 0 })));
    expect(server.requests).toHaveLength(7);
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

    it('never takes its body to another origin', async () => {
      server.script(to(`${other.origin}/`, 307));
      const failure = await failureOf(takeAll(receiver.subscribe(server.url, post)));
      expect(failure.message).toContain('of a request with a body to another origin');
      expect(other.requests).toHaveLength(0);
    });
  });
});
