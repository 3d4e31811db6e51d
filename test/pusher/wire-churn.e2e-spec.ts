import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { NEVER, startWith } from 'rxjs';
import { SseStream, SseStreamRegistry } from '../../lib/index.js';
import { heapInUse } from './support/collect-garbage.js';
import { eventually } from './support/eventually.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { RawSocket } from './support/raw-socket.js';
import { unfinishedStreams } from './support/unfinished.js';

const CLIENTS = 2000;
const AT_ONCE = 50;

@Controller()
class ChurnController {
  @SseStream('observable')
  observable() {
    return NEVER.pipe(startWith('hello'));
  }

  @SseStream('generator')
  async *generator() {
    yield 'hello';
    await new Promise(() => {});
  }

  @SseStream('ended')
  ended() {
    return ['hello'];
  }
}

const PATHS = ['/observable', '/generator', '/ended'];

describe.each(PLATFORMS)('many clients that come and go on %s', (platform) => {
  let app: TestApp;

  afterEach(() => app.close());

  /** Connects, and leaves without reading, in the middle of reading, or after what it waited for. */
  async function visit(number: number): Promise<void> {
    const client = await RawSocket.connect(app.port);
    client.get(PATHS[number % PATHS.length]!);
    if (number % 4 > 0) {
      await client.untilText('data: hello');
    }
    if (number % 2 > 0) {
      client.reset();
    } else {
      client.leave();
    }
  }

  async function visits(count: number): Promise<void> {
    for (let number = 0; number < count; number += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => visit(number + index)));
    }
    await eventually(() => unfinishedStreams(app.app) === 0);
  }

  it('leave nothing behind: no stream, no connection, no listener, no memory', async () => {
    app = await startApp(platform, { controllers: [ChurnController] });
    const server: Server = app.app.getHttpServer();
    const sockets = new Set<Socket>();
    const listenersOnServer = () => server.eventNames().map((name) => [name, server.listenerCount(name)]);
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    await visits(500);
    const heapBefore = await heapInUse();
    const listenersBefore = listenersOnServer();

    await visits(CLIENTS);

    const registry = app.app.get(SseStreamRegistry);
    expect(registry.count).toBe(0);
    await eventually(() => sockets.size === 0);
    expect(listenersOnServer()).toEqual(listenersBefore);
    const grownPerClient = ((await heapInUse()) - heapBefore) / CLIENTS;
    // A response that somebody holds on to takes more than nine thousand.
    expect(grownPerClient).toBeLessThan(2000);
  }, 60_000);

  it('add no listener to a connection that serves one stream after another', async () => {
    app = await startApp(platform, { controllers: [ChurnController] });
    const connected = new Promise<Socket>((resolve) => app.app.getHttpServer().once('connection', resolve));
    const client = await RawSocket.connect(app.port);
    const socket = await connected;
    const listeners = () => socket.eventNames().reduce((count, name) => count + socket.listenerCount(name), 0);
    const streamed = (count: number) => client.until((text) => text.split('\r\n0\r\n\r\n').length > count);
    client.get('/ended');
    await streamed(1);
    const before = listeners();
    for (let stream = 2; stream <= 50; stream++) {
      client.get('/ended');
      await streamed(stream);
    }
    expect(listeners()).toBe(before);
    client.leave();
  });
});
