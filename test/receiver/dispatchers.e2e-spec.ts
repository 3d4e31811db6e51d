import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { SseReceiverService } from '../../lib/receiver/index.js';
import { AT_ONCE, data, take, takeAll, turns } from './support/consumers.js';
import {
  answer,
  numbered,
  reset,
  ScriptedServer,
  stream,
  streamAndCut,
  streamAndEnd,
} from './support/scripted-server.js';

describe('dispatchers of the caller', () => {
  let receiver: SseReceiverService;
  let dispatcher: Dispatcher;
  let servers: Server[];

  beforeEach(() => {
    receiver = new SseReceiverService();
    servers = [];
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await dispatcher.destroy();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });

  it('reach a Unix socket', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sse-unix-'));
    const socketPath = join(directory, 'stream.sock');
    const server = createServer((request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`id: 1\ndata: ${request.headers.host} ${request.headers['last-event-id'] ?? 'new'}\n\n`);
    });
    servers.push(server);
    await once(server.listen(socketPath), 'listening');
    dispatcher = new Agent({ connect: { socketPath } });
    const messages = await take(receiver.subscribe('http://sidecar/stream', { dispatcher, retry: AT_ONCE }), 2);
    expect(data(messages)).toEqual(['sidecar new', 'sidecar 1']);
    await rm(directory, { recursive: true });
  });

  it('go through a proxy, reconnects too, and leave no tunnel behind', async () => {
    const target = await ScriptedServer.start(streamAndEnd('id: 1\ndata: a\n\n'), stream('data: b\n\n'));
    const tunnels = new Set<Socket>();
    const asked: (string | undefined)[] = [];
    const proxy = createServer();
    servers.push(proxy);
    proxy.on('connect', ({ url, headers }: IncomingMessage, socket: Socket) => {
      asked.push(`${url} ${headers['proxy-authorization']}`);
      const upstream = connect(target.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      tunnels.add(socket);
      socket.on('error', () => {}).on('close', () => tunnels.delete(socket));
      upstream.on('error', () => {});
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    dispatcher = new ProxyAgent({
      uri: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      token: 'Basic eA==',
    });
    const subscription = receiver.subscribe(target.url, { dispatcher, retry: AT_ONCE });
    expect(data(await take(subscription, 2))).toEqual(['a', 'b']);
    expect(new Set(asked)).toEqual(new Set([`127.0.0.1:${target.port} Basic eA==`]));
    expect(target.requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '1']);
    expect(target.requests.map(({ headers }) => headers['proxy-authorization'])).toEqual([undefined, undefined]);
    await receiver.onModuleDestroy();
    await Promise.all([...tunnels].map((socket) => once(socket, 'close')));
    await target.close();
  });

  describe('that allow a single connection', () => {
    let server: ScriptedServer;

    beforeEach(async () => {
      server = await ScriptedServer.start();
      dispatcher = new Agent({ connections: 1 });
    });

    afterEach(() => server.close());

    it('have none of ours after close(), whatever went before', async () => {
      server.script(
        reset,
        answer(503, {}, 'busy'),
        answer(307, { location: '/there' }, 'there'),
        streamAndCut(numbered(1)),
        streamAndEnd(numbered(2)),
        stream(numbered(3)),
      );
      const subscription = receiver.subscribe(server.url, { dispatcher, retry: AT_ONCE });
      expect((await take(subscription, 3)).map(({ data }) => data)).toEqual(['1', '2', '3']);
      await subscription.close();
      await server.deserted();
    });

    it('are not asked for a request that was given up while it was queued', async () => {
      server.script(stream(numbered(1)));
      const first = receiver.subscribe(server.url, { dispatcher });
      await first[Symbol.asyncIterator]().next();
      const second = receiver.subscribe(server.url, { dispatcher });
      const ended = takeAll(second);
      await turns(20);
      await second.close();
      expect(await ended).toEqual([]);
      await first.close();
      await server.deserted();
      await turns(20);
      expect(server.requests).toHaveLength(1);
    });
  });
});
