/**
 * The streams of idle.mjs and connect.mjs, which get nothing but a first frame and pings: `node bench/idle-server.mjs
 * <platform> <ping period in ms>`, as subject-process.mjs starts it.
 */
import 'reflect-metadata';
import { createServer } from 'node:http';
import { Controller, Get, Module, Res, Sse } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { createSession } from 'better-sse';
import { interval, map } from 'rxjs';
import { Pusher, SseChannels, SseModule, SseStream } from '../dist/index.js';
import { answerAndListen } from './subject-answers.mjs';

const [platform, pingMs] = [process.argv[2], Number(process.argv[3])];

const HEAD = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};
const FIRST = Buffer.from('retry: 2000\n\n');
const PING = Buffer.from(': ping\n\n');

/** @typedef {import('node:http').ServerResponse} ServerResponse */

/** The least that a stream with pings can be: a response in a list that one timer goes through. */
/** @type {Set<ServerResponse>} */
const responses = new Set();

/** @this {ServerResponse} */
function forget() {
  responses.delete(this);
}

/** @param {ServerResponse} response */
function openRaw(response) {
  response.writeHead(200, HEAD);
  response.write(FIRST);
  response.on('close', forget);
  responses.add(response);
}

function pingRaw() {
  for (const response of responses) response.write(PING);
}

class Streams {
  /** @type {SseChannels | undefined} */
  channels;
  /** @param {ServerResponse & { hijack?(): void, raw?: ServerResponse }} response */
  raw(response) {
    response.hijack?.();
    openRaw(response.raw ?? response);
  }
  /** @param {import('../dist/index.js').SsePusher} pusher */
  pusher(pusher) {
    pusher.open();
  }
  channel() {
    return this.channels?.subscribe('news');
  }
  nest() {
    return interval(pingMs).pipe(map(() => ({ type: 'ping', data: '' })));
  }
}

/** Decorators as functions, for this file is not compiled. */
/** @param {string} method @param {any} decorator @param {ParameterDecorator} [parameter] */
function decorate(method, decorator, parameter) {
  parameter?.(Streams.prototype, method, 0);
  const descriptor = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(Streams.prototype, method));
  decorator(Streams.prototype, method, descriptor);
  Object.defineProperty(Streams.prototype, method, descriptor);
}

/** @param {import('@nestjs/core').AbstractHttpAdapter} adapter */
async function nestServer(adapter) {
  decorate('raw', Get('raw'), Res());
  decorate('pusher', SseStream('pusher'), Pusher());
  decorate('channel', SseStream('channel'));
  decorate('nest', Sse('nest'));
  Controller()(Streams);
  class App {}
  Module({ imports: [SseModule.forRoot({ pingMs })], controllers: [Streams] })(App);
  const app = await NestFactory.create(App, adapter, { logger: false });
  app.get(Streams).channels = app.get(SseChannels);
  await app.init();
  return app.getHttpServer();
}

/** @type {Record<string, () => import('node:http').Server | Promise<import('node:http').Server>>} */
const servers = {
  http: () => createServer((_request, response) => openRaw(response)),
  'better-sse': () =>
    createServer(async (request, response) => {
      await createSession(request, response, { keepAlive: pingMs });
    }),
  express: () => nestServer(new ExpressAdapter()),
  fastify: async () => {
    const adapter = new FastifyAdapter();
    const server = await nestServer(adapter);
    await adapter.getInstance().ready();
    return server;
  },
};

const server = await servers[String(platform)]?.();
if (!server) throw new Error(`no platform ${platform}`);
setInterval(pingRaw, pingMs);
answerAndListen(server, {});
