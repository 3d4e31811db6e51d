/**
 * The streams of idle.mjs and connect.mjs, which get nothing but a first frame and pings: `node bench/idle-server.mjs
 * <platform> <ping period in ms>`, forked.
 */
import { createServer } from 'node:http';
import { Get, Res, Sse } from '@nestjs/common';
import { createSession } from 'better-sse';
import { interval, map } from 'rxjs';
import { Pusher, SseChannels, SseStream } from '../dist/index.js';
import { decorate, nestApp } from './nest-app.mjs';
import { answerAndListen } from './subject-answers.mjs';

const [platform = '', pingMs] = [process.argv[2], Number(process.argv[3])];

const HEAD = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};
const FIRST = Buffer.from('retry: 2000\n\n');
const PING = Buffer.from(': ping\n\n');

/** @typedef {import('node:http').ServerResponse} ServerResponse */

/** The least that a stream with pings can be: a response in a list that one timer goes through. */
class RawStreams {
  /** @type {Set<ServerResponse>} */
  #responses = new Set();

  constructor() {
    setInterval(() => {
      for (const response of this.#responses) response.write(PING);
    }, pingMs);
  }

  /** @param {ServerResponse} response */
  open(response) {
    response.writeHead(200, HEAD);
    response.write(FIRST);
    response.on('close', () => this.#responses.delete(response));
    this.#responses.add(response);
  }
}

const raw = new RawStreams();

class Streams {
  /** @type {SseChannels | undefined} */
  channels;
  /** @param {ServerResponse & { hijack?(): void, raw?: ServerResponse }} response */
  raw(response) {
    response.hijack?.();
    raw.open(response.raw ?? response);
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

async function nestServer() {
  Res()(Streams.prototype, 'raw', 0);
  Pusher()(Streams.prototype, 'pusher', 0);
  decorate(Streams, 'raw', Get('raw'));
  decorate(Streams, 'pusher', SseStream('pusher', { pingMs }));
  decorate(Streams, 'channel', SseStream('channel', { pingMs }));
  decorate(Streams, 'nest', Sse('nest'));
  const app = await nestApp(Streams, platform);
  app.get(Streams).channels = app.get(SseChannels);
  return app.getHttpServer();
}

/** @type {Record<string, () => import('node:http').Server>} */
const bareServers = {
  'node:http': () => createServer((_request, response) => raw.open(response)),
  'better-sse': () =>
    createServer(async (request, response) => {
      await createSession(request, response, { keepAlive: pingMs });
    }),
};

answerAndListen(bareServers[platform]?.() ?? (await nestServer()));
