/**
 * What an open stream takes while nothing is sent: `npm run build && node bench/stream-memory.mjs`. STREAMS streams are
 * opened in a server of their own for each subject, and it shows
 *
 * - heap: bytes of heap and buffers that a stream holds, after forced collections
 * - resident: bytes by which the process has grown for each; the kernel's part of a socket is in neither
 * - opening: microseconds of CPU of the server, from the request until the stream is open
 *
 * `raw` is a handler that writes a head with `@Res()` and nothing else, `channel` is `@SseStream()` on a channel that all of
 * them follow, `own-channel` one on a channel for each. STREAMS can be set in the environment; it takes as many descriptors
 * in each of two processes.
 */
import 'reflect-metadata';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Controller, Get, Module, Req, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SseChannels, SseModule, SseStream } from '../dist/index.js';

const STREAMS = Number(process.env.STREAMS ?? 5000);
const WARM_UP = 1000;
const CONNECTING_AT_ONCE = 100;
const PATHS = ['raw', 'channel', 'own-channel'];

/** @type {Record<string, () => import('@nestjs/core').AbstractHttpAdapter>} */
const platforms = { express: () => new ExpressAdapter(), fastify: () => new FastifyAdapter() };

/** @typedef {{ heap: number, resident: number, cpuUs: number }} Figures */

const platform = process.argv[2];
if (platform === undefined) await compare();
else await serve(platform);

async function compare() {
  /** @type {Record<string, object>} */
  const rows = {};
  for (const name of Object.keys(platforms)) {
    for (const path of PATHS) rows[`${name}, ${path}`] = await measure(name, path);
  }
  console.log(`each of ${STREAMS} open streams`);
  console.table(rows);
}

/** @param {string} name @param {string} path */
async function measure(name, path) {
  const child = fork(fileURLToPath(import.meta.url), [name], { execArgv: ['--expose-gc'] });
  const [port] = await once(child, 'message');
  /** @returns {Promise<Figures>} */
  const figures = async () => {
    child.send('figures');
    return (await once(child, 'message'))[0];
  };
  leave(await open(port, `/${path}/warm-up`, WARM_UP));
  const before = await figures();
  const sockets = await open(port, `/${path}/`, STREAMS);
  const after = await figures();
  leave(sockets);
  child.disconnect();
  return {
    'heap B': Math.round((after.heap - before.heap) / STREAMS),
    'resident B': Math.round((after.resident - before.resident) / STREAMS),
    'opening µs': Math.round(after.cpuUs / STREAMS),
  };
}

/** @param {number} port @param {string} path @param {number} count */
async function open(port, path, count) {
  /** @type {import('node:net').Socket[]} */
  const sockets = [];
  while (sockets.length < count) {
    const some = Math.min(CONNECTING_AT_ONCE, count - sockets.length);
    const opening = Array.from({ length: some }, (_, n) => openStream(port, `${path}${sockets.length + n}`));
    sockets.push(...(await Promise.all(opening)));
  }
  return sockets;
}

/** @param {number} port @param {string} path */
async function openStream(port, path) {
  const socket = connect(port, '127.0.0.1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n`);
  const [head] = await once(socket, 'data');
  if (!String(head).startsWith('HTTP/1.1 200 ')) throw new Error(String(head));
  return socket;
}

/** @param {import('node:net').Socket[]} sockets */
function leave(sockets) {
  for (const socket of sockets) socket.destroy();
}

/** @param {string} name */
async function serve(name) {
  const adapter = /** @type {() => import('@nestjs/core').AbstractHttpAdapter} */ (platforms[name])();
  class Streams {
    /** @type {SseChannels | undefined} */
    channels;
    /** @param {any} response */
    raw(response) {
      response.hijack?.();
      const raw = response.raw ?? response;
      raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' });
      raw.flushHeaders();
    }
    channel() {
      return this.channels?.subscribe('news');
    }
    /** @param {{ url: string }} request */
    own(request) {
      return this.channels?.subscribe(request.url);
    }
  }
  decorate(Streams, 'raw', Get('raw/:n'), Res());
  decorate(Streams, 'channel', SseStream('channel/:n'));
  decorate(Streams, 'own', SseStream('own-channel/:n'), Req());
  Controller()(Streams);
  class App {}
  Module({ imports: [SseModule.forRoot()], controllers: [Streams] })(App);
  const app = await NestFactory.create(App, adapter, { logger: false });
  app.get(Streams).channels = app.get(SseChannels);
  await app.listen(0, '127.0.0.1');
  let atRest = process.cpuUsage();
  process.on('message', async () => {
    const { user, system } = process.cpuUsage(atRest);
    const heap = await memory();
    process.send?.({ heap, resident: process.memoryUsage.rss(), cpuUs: user + system });
    atRest = process.cpuUsage();
  });
  process.on('disconnect', () => process.exit());
  process.send?.(app.getHttpServer().address().port);
}

/** Decorators as functions, for this file is not compiled. */
/** @param {any} type @param {string} method @param {any} decorator @param {ParameterDecorator} [parameter] */
function decorate(type, method, decorator, parameter) {
  parameter?.(type.prototype, method, 0);
  const descriptor = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(type.prototype, method));
  decorator(type.prototype, method, descriptor);
  Object.defineProperty(type.prototype, method, descriptor);
}

/** Bytes in use after everything that can go is gone, what those have left who have just closed among it. */
async function memory() {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc?.();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
