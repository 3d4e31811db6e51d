/**
 * One subject of replay.mjs, which keeps its last messages and sends to whoever comes back what is newer than its
 * `Last-Event-ID`; the stream stays open: `node bench/replay-server.mjs <subject> <messages>`, as subject-process.mjs starts it.
 */
import 'reflect-metadata';
import { createServer } from 'node:http';
import { Controller, Headers, Module, Sse } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { createEventBuffer, createSession } from 'better-sse';
import { concat, from, NEVER } from 'rxjs';
import { SseChannels, SseModule, SseStream } from '../dist/index.js';
import { keptMessages } from './replay-messages.mjs';
import { answerAndListen } from './subject-answers.mjs';

const [subject, count] = [process.argv[2], Number(process.argv[3])];
const kept = keptMessages(count);

/** @typedef {{ server: import('node:http').Server, lastEventId: string }} Started the id of the message that everybody has had */

/** @param {unknown} lastEventId */
const newerThan = (lastEventId) => kept.slice(kept.findIndex(({ id }) => id === lastEventId) + 1);

/** @param {string} id @param {string} event @param {object} data */
const frameOf = (id, event, data) => Buffer.from(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);

/** @param {(response: import('node:http').ServerResponse, lastEventId: unknown) => void} replay @returns {Started} */
function bare(replay) {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.flushHeaders();
    replay(response, request.headers['last-event-id']);
  });
  return { server, lastEventId: '0' };
}

function bareWrites() {
  const frames = kept.map(({ id, event, data }) => ({ id, frame: frameOf(id, event, data) }));
  return bare((response, lastEventId) => {
    const from = frames.findIndex(({ id }) => id === lastEventId) + 1;
    for (const { frame } of frames.slice(from)) response.write(frame);
  });
}

function oneBuffer() {
  const all = Buffer.concat(newerThan('0').map(({ id, event, data }) => frameOf(id, event, data)));
  return bare((response) => response.write(all));
}

/** @param {(session: import('better-sse').Session) => unknown} replay @returns {Started} */
function betterSse(replay) {
  const server = createServer(async (request, response) => {
    replay(await createSession(request, response, { keepAlive: null }));
  });
  return { server, lastEventId: '0' };
}

/** Decorators as functions, for this file is not compiled. */
/** @param {any} type @param {any} decorator @param {ParameterDecorator} [parameter] */
function decorateFollow(type, decorator, parameter) {
  parameter?.(type.prototype, 'follow', 0);
  const descriptor = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(type.prototype, 'follow'));
  decorator(type.prototype, 'follow', descriptor);
  Object.defineProperty(type.prototype, 'follow', descriptor);
  Controller()(type);
}

/** @param {any} controller @param {import('@nestjs/core').AbstractHttpAdapter} adapter */
async function nestApp(controller, adapter) {
  class App {}
  Module({ imports: [SseModule.forRoot({ pingMs: 0 })], controllers: [controller] })(App);
  const app = await NestFactory.create(App, adapter, { logger: false });
  await app.init();
  await adapter.getInstance().ready?.();
  return app;
}

/** @param {import('@nestjs/core').AbstractHttpAdapter} adapter @returns {Promise<Started>} */
async function ours(adapter) {
  class News {
    /** @type {SseChannels | undefined} */
    channels;
    follow() {
      return this.channels?.subscribe('news');
    }
  }
  decorateFollow(News, SseStream('news'));
  const app = await nestApp(News, adapter);
  const channels = app.get(SseChannels);
  app.get(News).channels = channels;
  const ids = await Promise.all(kept.map(({ event, data }) => channels.publish('news', { event, data })));
  return { server: app.getHttpServer(), lastEventId: String(ids[0]) };
}

/** @param {import('@nestjs/core').AbstractHttpAdapter} adapter @returns {Promise<Started>} */
async function nest(adapter) {
  class News {
    /** @param {string} lastEventId */
    follow(lastEventId) {
      return concat(from(newerThan(lastEventId).map(({ id, event, data }) => ({ id, type: event, data }))), NEVER);
    }
  }
  decorateFollow(News, Sse('news', { maxPendingDataLength: 0 }), Headers('last-event-id'));
  const app = await nestApp(News, adapter);
  return { server: app.getHttpServer(), lastEventId: '0' };
}

/** @type {Record<string, () => Started | Promise<Started>>} */
const subjects = {
  'ours, Express': () => ours(new ExpressAdapter()),
  'ours, Fastify': () => ours(new FastifyAdapter()),
  'better-sse': () =>
    betterSse((session) => {
      for (const { id, event, data } of newerThan(session.lastId)) session.push(data, event, id);
    }),
  'better-sse batched': () =>
    betterSse((session) => {
      const buffer = createEventBuffer();
      for (const { id, event, data } of newerThan(session.lastId)) buffer.push(data, event, id);
      return session.batch(buffer);
    }),
  'Nest @Sse(), Express': () => nest(new ExpressAdapter()),
  'Nest @Sse(), Fastify': () => nest(new FastifyAdapter()),
  'node:http, a write each': bareWrites,
  'node:http, one buffer': oneBuffer,
};

const started = await subjects[String(subject)]?.();
if (!started) throw new Error(`no subject ${subject}`);
answerAndListen(started.server, { lastEventId: () => started.lastEventId });
