import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Agent, MockAgent } from 'undici';
import { type SseHeadersFactory, SseReceiverService, type SseRequestHeaders } from '../../lib/receiver/index.js';
import { AT_ONCE, data, entered, failureOf, take, takeAll } from './support/consumers.js';
import { answer, ScriptedServer, silence, stream, streamAndCut, streamAndEnd } from './support/scripted-server.js';

const certificate = (name: string) => readFileSync(new URL(`./support/certificate/${name}.pem`, import.meta.url));

describe('requests', () => {
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

  it('ask for an event stream, fresh and plain', async () => {
    server.script(stream('data: a\n\n'));
    await take(receiver.subscribe(new URL(`${server.url}?q=ü#fragment`)), 1);
    expect(server.requests[0]).toMatchObject({
      method: 'GET',
      url: '/stream?q=%C3%BC',
      headers: { accept: 'text/event-stream', 'cache-control': 'no-cache', 'accept-encoding': 'identity' },
    });
  });

  it.each([
    ['a record', { 'X-Key': 'k', 'x-many': ['1', '2'], 'x-not': undefined, Accept: 'text/event-stream, */*' }],
    ['Headers', new Headers({ 'x-key': 'k', 'x-many': '1, 2', accept: 'text/event-stream, */*' })],
    [
      'pairs',
      [
        ['x-key', 'k'],
        ['x-many', '1'],
        ['x-many', '2'],
        ['accept', 'text/event-stream, */*'],
      ] as const,
    ],
  ])('carry headers given as %s', async (_how, headers) => {
    server.script(stream('data: a\n\n'));
    await take(receiver.subscribe(server.url, { headers: headers as SseRequestHeaders }), 1);
    expect(server.requests[0]?.headers).toMatchObject({
      'x-key': 'k',
      'x-many': '1, 2',
      accept: 'text/event-stream, */*',
    });
  });

  it('carry headers made for each attempt', async () => {
    server.script(streamAndEnd('id: 1\ndata: a\n\n'), answer(503), stream('data: b\n\n'));
    let token = 0;
    const headers = jest.fn<SseHeadersFactory>(async () => ({ authorization: `Bearer ${++token}` }));
    await take(receiver.subscribe(server.url, { headers, retry: AT_ONCE }), 2);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer 1', 'Bearer 2', 'Bearer 3']);
    expect(headers.mock.calls).toEqual([
      [{ attempt: 1, lastEventId: '' }],
      [{ attempt: 2, lastEventId: '1' }],
      [{ attempt: 3, lastEventId: '1', lastError: expect.objectContaining({ status: 503, attempt: 2 }) }],
    ]);
  });

  it('are tried again when making the headers failed', async () => {
    server.script(stream('data: a\n\n'));
    const headers = jest.fn<SseHeadersFactory>(() => ({}));
    headers.mockRejectedValueOnce(new Error('no token today'));
    const subscription = receiver.subscribe(server.url, { headers, retry: AT_ONCE });
    const messages = take(subscription, 1);
    const { outcome } = await entered(subscription, 'waiting');
    expect(outcome).toMatchObject({ kind: 'request', error: { cause: { message: 'no token today' } } });
    expect(data(await messages)).toEqual(['a']);
  });

  it('end at made headers that cannot be sent', async () => {
    const headers = () => ({ 'x-key': 'a\nb', connection: 'close' });
    const failure = await failureOf(takeAll(receiver.subscribe(server.url, { headers, retry: AT_ONCE })));
    expect(failure).toMatchObject({ code: 'SSE_OPTIONS', problems: [{ option: 'headers' }, { option: 'headers' }] });
    expect(server.requests).toHaveLength(0);
  });

  describe('with a body', () => {
    const post = { method: 'POST', body: 'ask', headers: { 'content-type': 'text/plain' } };

    it.each(['ask', Buffer.from('ask')])('send it: %p', async (body) => {
      server.script(streamAndEnd('data: a\n\n'));
      expect(data(await takeAll(receiver.subscribe(server.url, { ...post, body })))).toEqual(['a']);
      expect(server.requests).toMatchObject([{ method: 'POST', headers: { 'content-length': '3' } }]);
      expect(await server.requests[0]?.body).toBe('ask');
    });

    it.each([
      ['a status', answer(503), { status: 503 }],
      ['a hang-up', streamAndCut('data: a\n\n'), { kind: 'network' }],
    ])('are not sent again after %s', async (_what, act, failure) => {
      server.script(act);
      const failed = await failureOf(takeAll(receiver.subscribe(server.url, post)));
      expect(failed).toMatchObject({ code: 'SSE_CONNECT', retryable: true, ...failure });
      expect(failed.message).toContain(`POST ${server.url}`);
      expect(server.requests).toHaveLength(1);
    });

    it('are closed for good when the last consumer leaves', async () => {
      server.script(stream('data: a\n\n'));
      const subscription = receiver.subscribe(server.url, post);
      await take(subscription, 1);
      expect(subscription.state).toBe('closed');
      expect(await takeAll(subscription)).toEqual([]);
      expect(server.requests).toHaveLength(1);
    });

    it('are sent again when told to', async () => {
      server.script(streamAndEnd('id: 1\ndata: a\n\n'), stream('data: b\n\n'));
      await take(receiver.subscribe(server.url, { ...post, retry: AT_ONCE }), 2);
      expect(await server.requests[1]?.body).toBe('ask');
      expect(server.requests[1]?.headers['last-event-id']).toBe('1');
    });
  });

  it('are made once with retry: false', async () => {
    server.script(streamAndEnd('data: a\n\n'));
    expect(data(await takeAll(receiver.subscribe(server.url, { retry: false })))).toEqual(['a']);
  });

  describe('through TLS', () => {
    const secure = createServer(
      { key: certificate('key'), cert: certificate('cert'), requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const { socket } = request;
        const peer = socket instanceof TLSSocket ? socket.getPeerCertificate() : {};
        if (request.url === '/away') {
          response.writeHead(302, { location: `https://localhost:${port()}/` }).end();
        } else if (request.url === '/plain') {
          response.writeHead(302, { location: server.url }).end();
        } else {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write(`data: ${'subject' in peer ? 'known' : 'unknown'}\n\n`);
        }
      },
    );
    const port = () => (secure.address() as AddressInfo).port;
    const url = (path = '/') => `https://127.0.0.1:${port()}${path}`;

    beforeEach(async () => {
      await once(secure.listen(0, '127.0.0.1'), 'listening');
    });

    afterEach(async () => {
      secure.closeAllConnections();
      await new Promise((resolve) => secure.close(resolve));
    });

    it('verify the certificate', async () => {
      const failure = await failureOf(takeAll(receiver.subscribe(url(), { retry: { maxAttempts: 1 } })));
      expect(failure).toMatchObject({ kind: 'network', message: expect.stringContaining('self-signed certificate') });
    });

    it.each(['by itself', 'in a secure context'])(
      'show a client certificate, %s, but not to another origin',
      async (how) => {
        const own = { cert: certificate('cert'), key: certificate('key') };
        const tls =
          how === 'by itself'
            ? { ...own, ca: certificate('cert') }
            : { secureContext: createSecureContext(own), rejectUnauthorized: false };
        expect(data(await take(receiver.subscribe(url(), { tls }), 1))).toEqual(['known']);
        expect(data(await take(receiver.subscribe(url('/away'), { tls }), 1))).toEqual(['unknown']);
      },
    );

    it('never go on without it', async () => {
      const options = { tls: { ca: certificate('cert') }, retry: { maxAttempts: 1 } };
      const subscription = receiver.subscribe(url('/plain'), options);
      expect((await failureOf(takeAll(subscription))).message).toContain('from https to http');
      expect(server.requests).toHaveLength(0);
    });
  });

  describe('through a dispatcher', () => {
    it('go there, and leave it open', async () => {
      const dispatcher = new Agent();
      server.script(streamAndEnd('data: a\n\n'), stream('data: b\n\n'));
      const subscription = receiver.subscribe(server.url, { dispatcher, retry: AT_ONCE });
      expect(data(await take(subscription, 2))).toEqual(['a', 'b']);
      await subscription.close();
      expect(dispatcher.closed).toBe(false);
      await dispatcher.destroy();
    });

    it('can be mocked', async () => {
      const dispatcher = new MockAgent();
      dispatcher.disableNetConnect();
      const reply = { headers: { 'content-type': 'text/event-stream' } };
      dispatcher.get('http://mock.test').intercept({ path: '/x' }).reply(200, 'data: mocked\n\n', reply);
      const subscription = receiver.subscribe('http://mock.test/x', { dispatcher });
      expect(data(await take(subscription, 1))).toEqual(['mocked']);
    });

    it('are given up in its queue', async () => {
      const dispatcher = new Agent({ connections: 1 });
      server.script(silence);
      const first = receiver.subscribe(server.url, { dispatcher });
      const second = receiver.subscribe(server.url, { dispatcher });
      const taking = [takeAll(first)];
      await server.response(1);
      taking.push(takeAll(second));
      await entered(second, 'connecting');
      await new Promise(setImmediate);
      await second.close();
      await first.close();
      expect(await Promise.all(taking)).toEqual([[], []]);
      await dispatcher.close();
      expect(server.requests).toHaveLength(1);
    });

    it.each(['destroyed', 'closed'])('end when it is %s', async (state) => {
      const dispatcher = new Agent();
      await (state === 'closed' ? dispatcher.close() : dispatcher.destroy());
      const failure = await failureOf(takeAll(receiver.subscribe(server.url, { dispatcher, retry: AT_ONCE })));
      expect(failure).toMatchObject({ code: 'SSE_CONNECT', kind: 'request', retryable: false });
    });

    it("end with a typed error when it does not know undici 7's handlers", async () => {
      // As undici 6 does it, which is also behind the global fetch of Node 20 and 22.
      const dispatch = (_options: object, handler: { onError?: unknown }) => {
        if (typeof handler.onError !== 'function') throw new TypeError('invalid onError method');
        return true;
      };
      const dispatcher = { dispatch } as unknown as Agent;
      const failure = await failureOf(takeAll(receiver.subscribe(server.url, { dispatcher, retry: AT_ONCE })));
      expect(failure).toMatchObject({ code: 'SSE_OPTIONS', problems: [{ option: 'dispatcher' }] });
      expect(failure.message).toContain('undici 7');
    });
  });
});
