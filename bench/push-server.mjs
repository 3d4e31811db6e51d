/**
 * One subject of push.mjs: a server that sends so many messages to whoever connects, as fast as its peer takes them. It tells
 * its parent the port, and when asked the milliseconds of CPU that it has used so far.
 */
import 'reflect-metadata';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Controller, Module, Sse } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createSession } from 'better-sse';
import { from } from 'rxjs';
import { Pusher, SseModule, SseStream } from '../dist/index.js';

const [subject, messages, bytes] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const filler = 'x'.repeat(Math.max(1, bytes - 40));

/** @param {number} n */
const message = (n) => ({ id: String(n), event: 'tick', data: { n, filler } });

/** Decorators as functions, for this file is not compiled. */
/** @param {any} type @param {string} method @param {MethodDecorator} decorator */
function decorate(type, method, decorator) {
  const descriptor = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(type.prototype, method));
  decorator(type.prototype, method, descriptor);
  Object.defineProperty(type.prototype, method, descriptor);
}

class Streams {
  /** @param {import('../dist/index.js').SsePusher} pusher */
  async ours(pusher) {
    for (let n = 0; n < messages && (await pusher.push(message(n))); n++);
    await pusher.close();
  }

  nest() {
    function* all() {
      for (let n = 0; n < messages; n++) {
        const { id, event, data } = message(n);
        yield { id, type: event, data };
      }
    }
    return from(all());
  }
}
Pusher()(Streams.prototype, 'ours', 0);
decorate(Streams, 'ours', /** @type {MethodDecorator} */ (/** @type {unknown} */ (SseStream('ours'))));
decorate(Streams, 'nest', Sse('nest', { maxPendingDataLength: 0 }));
Controller()(Streams);

class App {}
Module({ imports: [SseModule.forRoot(0)], controllers: [Streams] })(App);

async function betterSse() {
  const server = createServer(async (request, response) => {
    const session = await createSession(request, response, { keepAlive: null });
    for (let n = 0; n < messages; n++) {
      const { id, event, data } = message(n);
      session.push(data, event, id);
      if (response.writableNeedDrain) await once(response, 'drain');
    }
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function nestApp() {
  const app = await NestFactory.create(App, { logger: false });
  await app.listen(0, '127.0.0.1');
  return app.getHttpServer();
}

const server = subject === 'better-sse' ? await betterSse() : await nestApp();
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1000 });
});
process.send?.({ port: server.address().port });
