import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type SseReceiverOptions, SseReceiverService, type SseStatusPolicy } from '../../lib/receiver/index.js';
import { AT_ONCE, data, entered, failureOf, take, takeAll } from './support/consumers.js';
import {
  type Act,
  answer,
  reset,
  ScriptedServer,
  stream,
  streamAndCut,
  streamAndEnd,
} from './support/scripted-server.js';

const POLICIES: readonly SseStatusPolicy[] = ['whatwg', 'retry-transient'];
const TRANSIENT = [408, 425, 429, 500, 501, 502, 503, 504, 507, 511, 599];
const FINAL = [
  201, 202, 203, 205, 206, 226, 299, 300, 304, 305, 306, 400, 401, 403, 404, 406, 407, 410, 418, 451, 499, 600,
];

/** WHATWG HTML, sections 9.2.2 to 9.2.4, as far as they speak of what a client does outside of a browser. */
describe('the processing model of WHATWG HTML', () => {
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

  const subscribe = (options: SseReceiverOptions = {}) =>
    receiver.subscribe(server.url, { retry: AT_ONCE, ...options });
  const cursors = () => server.requests.map(({ headers }) => headers['last-event-id']);

  describe('9.2.2 the interface', () => {
    it('a URL that cannot be parsed is refused at once', () => {
      expect(() => receiver.subscribe('http://[')).toThrow(expect.objectContaining({ code: 'SSE_OPTIONS' }));
    });

    it('is connecting before it is open, and connecting again after the stream was lost', async () => {
      server.script(streamAndEnd('data: a\n\n'), stream('data: b\n\n'));
      const phases: string[] = [];
      const subscription = subscribe();
      subscription.state$.subscribe(({ phase }) => phases.push(phase));
      await take(subscription, 2);
      const connected = ['connecting', 'open'];
      expect(phases).toEqual(['idle', ...connected, 'waiting', ...connected, 'idle']);
    });

    it('close() aborts the connection, and nothing is delivered any more', async () => {
      server.script(stream('data: a\n\n'));
      const subscription = subscribe();
      const messages = subscription[Symbol.asyncIterator]();
      await messages.next();
      const next = messages.next();
      await subscription.close();
      expect(await next).toMatchObject({ done: true });
      expect(subscription.state).toBe('closed');
      await server.deserted();
      expect(server.requests).toHaveLength(1);
    });

    it('the last event ID is the empty string at first', async () => {
      server.script(stream('data: a\n\n'));
      const subscription = subscribe();
      expect(subscription.lastEventId).toBe('');
      expect(await take(subscription, 1)).toMatchObject([{ lastEventId: '' }]);
    });

    it('the reconnection time is of a few seconds at most, where the server has said nothing', async () => {
      server.script(streamAndEnd('data: a\n\n'));
      const subscription = receiver.subscribe(server.url);
      const messages = takeAll(subscription);
      const { delayMs } = await entered(subscription, 'waiting');
      expect(delayMs).toBeGreaterThan(0);
      expect(delayMs).toBeLessThan(5_000);
      await subscription.close();
      expect(data(await messages)).toEqual(['a']);
    });
  });

  describe('9.2.3 the request', () => {
    it('is a GET that accepts text/event-stream', async () => {
      server.script(stream('data: a\n\n'));
      await take(subscribe(), 1);
      expect(server.requests).toMatchObject([{ method: 'GET', headers: { accept: 'text/event-stream' } }]);
    });

    it('lets no cache answer, the second time neither', async () => {
      server.script(streamAndEnd('data: a\n\n'), stream('data: b\n\n'));
      await take(subscribe(), 2);
      expect(server.requests.map(({ headers }) => headers['cache-control'])).toEqual(['no-cache', 'no-cache']);
      const conditions = ['if-none-match', 'if-modified-since', 'if-range', 'range'];
      const sent = server.requests.flatMap(({ headers }) => Object.keys(headers));
      expect(sent.filter((name) => conditions.includes(name))).toEqual([]);
    });

    it.each([301, 302, 303, 307, 308])('follows a redirect by %i', async (status) => {
      server.script(answer(status, { location: '/elsewhere' }), stream('data: a\n\n'));
      expect(data(await take(subscribe({ lastEventId: '7' }), 1))).toEqual(['a']);
      expect(server.requests[1]).toMatchObject({ method: 'GET', url: '/elsewhere', headers: { 'last-event-id': '7' } });
    });
  });

  describe('9.2.3 announces the connection', () => {
    it('at the head of the response, before there is any event', async () => {
      server.script((response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders());
      const subscription = subscribe();
      const messages = takeAll(subscription);
      expect(await entered(subscription, 'open')).toMatchObject({ status: 200 });
      await subscription.close();
      expect(await messages).toEqual([]);
    });

    it.each([
      'text/event-stream',
      'text/event-stream;charset=utf-8',
      'text/event-stream; charset="iso-8859-1"',
      'text/event-stream ;x=y',
      'text/event-stream;',
      'TEXT/Event-Stream',
    ])('where the essence of the content type is right: %s', async (type) => {
      server.script((response) => response.writeHead(200, { 'content-type': type }).write('data: ä\n\n'));
      expect(data(await take(subscribe(), 1))).toEqual(['ä']);
    });
  });

  describe('9.2.3 fails the connection, and never connects again,', () => {
    it.each([
      undefined,
      '',
      'text/plain',
      'text/html; charset=utf-8',
      'application/json',
      'text/event-streams',
      'text/event',
      'xtext/event-stream',
      'application/event-stream',
      'text/plain; x=text/event-stream',
    ])('at status 200 with the content type %p', async (type) => {
      server.script(answer(200, type === undefined ? {} : { 'content-type': type }, 'data: a\n\n'));
      const subscription = subscribe();
      const failed = failureOf(takeAll(subscription));
      const { outcome } = await entered(subscription, 'closed');
      expect(outcome).toMatchObject({ kind: 'content-type', status: 200, willRetry: false });
      expect(await failed).toMatchObject({ code: 'SSE_CONNECT', kind: 'content-type', retryable: false });
      await server.deserted();
      expect(server.requests).toHaveLength(1);
    });

    const always = POLICIES.flatMap((policy) => FINAL.map((status) => [policy, status] as const));
    const asBrowsers = TRANSIENT.map((status) => ['whatwg', status] as const);
    it.each([...always, ...asBrowsers])(
      'by the policy %s at status %i, be it an event stream',
      async (policy, status) => {
        server.script(answer(status, { 'content-type': 'text/event-stream' }, 'data: a\n\n'));
        const subscription = subscribe({ statusPolicy: policy });
        const failed = failureOf(takeAll(subscription));
        const { outcome } = await entered(subscription, 'closed');
        expect(outcome).toMatchObject({ kind: 'http', status, willRetry: false });
        expect(await failed).toMatchObject({ code: 'SSE_CONNECT', kind: 'http', status, retryable: false });
        await server.deserted();
        expect(server.requests).toHaveLength(1);
      },
    );

    it.each(POLICIES)('by the policy %s at 204, which is how a server says that this is all', async (statusPolicy) => {
      server.script(streamAndEnd('data: a\n\n'), answer(204));
      const subscription = subscribe({ statusPolicy });
      expect(data(await takeAll(subscription))).toEqual(['a']);
      expect(await entered(subscription, 'closed')).toMatchObject({ outcome: { kind: 'no-content', status: 204 } });
      await server.deserted();
      expect(server.requests).toHaveLength(2);
    });
  });

  describe('9.2.3 reestablishes the connection', () => {
    const losses: [string, string, Act][] = [
      ['the end of the body', 'end', streamAndEnd('data: a\n\n')],
      ['a body that is cut off', 'network', streamAndCut('data: a\n\n')],
      ['a network error before any response', 'network', reset],
    ];
    const cases = POLICIES.flatMap((policy) => losses.map(([what, kind, act]) => ({ policy, what, kind, act })));

    it.each(cases)('after $what, by the policy $policy', async ({ policy, kind, act }) => {
      server.script(act, stream('data: b\n\n'));
      const subscription = subscribe({ statusPolicy: policy });
      const lost = entered(subscription, 'waiting');
      const messages = take(subscription, act === reset ? 1 : 2);
      expect((await lost).outcome).toMatchObject({ kind, willRetry: true, attempt: 1 });
      expect(data(await messages).at(-1)).toBe('b');
      expect(server.requests).toHaveLength(2);
    });

    it.each(TRANSIENT)('after %i, too, by the policy retry-transient, where browsers would give up', async (status) => {
      server.script(answer(status), stream('data: a\n\n'));
      const subscription = subscribe();
      const lost = entered(subscription, 'waiting');
      const messages = take(subscription, 1);
      expect((await lost).outcome).toMatchObject({ kind: 'http', status, willRetry: true });
      expect(data(await messages)).toEqual(['a']);
    });

    it('not before the reconnection time, and later with every failure in a row', async () => {
      server.script(streamAndEnd('retry: 120\n'), reset, reset, stream('data: a\n\n'));
      const delays: number[] = [];
      const subscription = receiver.subscribe(server.url, { retry: { baseMs: 1 } });
      subscription.state$.subscribe((state) => state.phase === 'waiting' && delays.push(state.delayMs));
      await take(subscription, 1);
      expect(delays).toHaveLength(3);
      for (const [row, delay] of delays.entries()) {
        expect(delay).toBeGreaterThanOrEqual(120);
        expect(delay).toBeLessThanOrEqual(121 + 2 ** row);
      }
    });
  });

  describe('9.2.4 the Last-Event-ID header', () => {
    it('is absent while the last event ID is empty', async () => {
      server.script(streamAndEnd('data: a\n\n'), stream('data: b\n\n'));
      await take(subscribe(), 2);
      expect(cursors()).toEqual([undefined, undefined]);
    });

    it('is absent again after the server has made it empty', async () => {
      server.script(streamAndEnd('id: 1\ndata: a\n\n'), streamAndEnd('id:\ndata: b\n\n'), stream('data: c\n\n'));
      await take(subscribe(), 3);
      expect(cursors()).toEqual([undefined, '1', undefined]);
    });

    it.each(['0', 'null', 'ä', '日本語', '🚀', 'a b', '"q"', '%41', 'x'.repeat(4_000)])(
      'is the id as UTF-8: %s',
      async (id) => {
        server.script(streamAndEnd(`id: ${id}\ndata: a\n\n`), stream('data: b\n\n'));
        expect(await take(subscribe(), 2)).toMatchObject([{ lastEventId: id }, { lastEventId: id }]);
        expect(Buffer.from(cursors()[1] as string, 'latin1').toString('utf8')).toBe(id);
      },
    );

    it('goes with each of the connections that follow, failed ones between', async () => {
      server.script(streamAndEnd('id: 1\ndata: a\n\n'), answer(503), reset, streamAndEnd(':\n'), stream('data: b\n\n'));
      await take(subscribe(), 2);
      expect(cursors()).toEqual([undefined, '1', '1', '1', '1']);
    });
  });
});
