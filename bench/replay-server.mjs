/**
 * One subject of replay.mjs, which keeps its last messages and sends to whoever comes back what is newer than its
 * `Last-Event-ID`; the stream stays open: `node bench/replay-server.mjs <subject> <messages>`, forked.
 */
import { createServer } from 'node:http';
import { Headers, Sse } from '@nestjs/common';
import { createEventBuffer, createSession } from 'better-sse';
import { concat, from, NEVER } from 'rxjs';
import { SseChannels, SseStream } from '../dist/index.js';
import { decorate, nestApp } from './nest-app.mjs';
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

/** @param {string} platform @returns {Promise<Started>} */
async function ours(platform) {
  class News {
    /** @type {SseChannels | undefined} */
    channels;
    follow() {
      return this.channels?.subscribe('news');
    }
  }
  decorate(News, 'follow', SseStream('news'));
  const app = await nestApp(News, platform);
  const channels = app.get(SseChannels);
  app.get(News).channels = channels;
  const ids = await Promise.all(kept.map(({ event, data }) => channels.publish('news', { event, data })));
  return { server: app.getHttpServer(), lastEventId: String(ids[0]) };
}

/** @param {string} platform @returns {Promise<Started>} */
async function nest(platform) {
  class News {
    /** @param {string} lastEventId */
    follow(lastEventId) {
      return concat(from(newerThan(lastEventId).map(({ id, event, data }) => ({ id, type: event, data }))), NEVER);
    }
  }
  Headers('last-event-id')(News.prototype, 'follow', 0);
  decorate(News, 'follow', Sse('news', { maxPendingDataLength: 0 }));
  const app = await nestApp(News, platform);
  return { server: app.getHttpServer(), lastEventId: '0' };
}

/** @type {Record<string, () => Started | Promise<Started>>} */
const subjects = {
  'ours, Express': () => ours('Express'),
  'ours, Fastify': () => ours('Fastify'),
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
  'Nest, Express': () => nest('Express'),
  'Nest, Fastify': () => nest('Fastify'),
  'by hand': bareWrites,
  'one buffer': oneBuffer,
};

const started = await subjects[String(subject)]?.();
if (!started) throw new Error(`no subject ${subject}`);
answerAndListen(started.server, { lastEventId: () => started.lastEventId });
