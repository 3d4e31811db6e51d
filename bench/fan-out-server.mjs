/**
 * One subject of fan-out.mjs: a server of streams that all get what it is told to publish. It tells its parent the port, and
 * answers what it is asked: for the milliseconds of CPU that it has used so far, for the longest stall of its event loop
 * since `watch`, or to be at rest.
 */
import { createServer } from 'node:http';
import { Sse } from '@nestjs/common';
import { createChannel, createEventBuffer, createSession } from 'better-sse';
import { Subject } from 'rxjs';
import { SseChannels, SseStream } from '../dist/index.js';
import { decorate, nestApp } from './nest-app.mjs';

const [subject, bytes] = [process.argv[2], Number(process.argv[3])];
const filler = 'x'.repeat(Math.max(1, bytes - 70));
let published = 0;

/** @typedef {{ id: string, event: string, data: object }} Message */
/** @typedef {{ server: import('node:http').Server, publish: (messages: Message[]) => unknown }} Started */

/** The last one says so, for the audience looks at nothing else while it counts. @param {number} count @returns {Message[]} */
const burst = (count) =>
  Array.from({ length: count }, (_, index) => {
    const n = published++;
    return { id: String(n), event: 'tick', data: { n, filler, last: index === count - 1 ? 1 : 0 } };
  });

/** Node alone, and messages that are encoded once: what is written to a socket, one message at a time. @returns {Started} */
function bare() {
  /** @type {Set<import('node:http').ServerResponse>} */
  const responses = new Set();
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.flushHeaders();
    response.socket?.setNoDelay(true);
    responses.add(response);
    response.on('close', () => responses.delete(response));
  });
  return {
    server,
    publish(messages) {
      for (const { id, event, data } of messages) {
        const frame = Buffer.from(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
        for (const response of responses) response.write(frame);
      }
    },
  };
}

/** @param {(channel: import('better-sse').Channel, messages: Message[]) => unknown} publish @returns {Started} */
function betterSse(publish) {
  const channel = createChannel();
  const server = createServer(async (request, response) => {
    channel.register(await createSession(request, response, { keepAlive: null }));
  });
  return { server, publish: (messages) => publish(channel, messages) };
}

/** @param {string} platform */
async function nest(platform) {
  /** @type {Subject<import('@nestjs/common').MessageEvent>} */
  const news = new Subject();
  class News {
    follow() {
      return news;
    }
  }
  decorate(News, 'follow', Sse('news'));
  const app = await nestApp(News, platform);
  return {
    server: app.getHttpServer(),
    /** @param {Message[]} messages */
    publish(messages) {
      for (const { id, event, data } of messages) news.next({ id, type: event, data });
    },
  };
}

async function ours() {
  class News {
    /** @type {SseChannels | undefined} */
    channels;
    follow() {
      return this.channels?.subscribe('news');
    }
  }
  decorate(News, 'follow', SseStream('news'));
  const app = await nestApp(News);
  const channels = app.get(SseChannels);
  app.get(News).channels = channels;
  return {
    server: app.getHttpServer(),
    /** @param {Message[]} messages */
    publish: (messages) => Promise.all(messages.map(({ event, data }) => channels.publish('news', { event, data }))),
  };
}

/** @type {Record<string, () => Started | Promise<Started>>} */
const subjects = {
  bare,
  ours,
  'better-sse': () =>
    betterSse((channel, messages) => {
      for (const { id, event, data } of messages) channel.broadcast(data, event, { eventId: id });
    }),
  'better-sse batched': () =>
    betterSse((channel, messages) => {
      const buffer = createEventBuffer();
      for (const { id, event, data } of messages) buffer.push(data, event, id);
      return Promise.all(channel.activeSessions.map((session) => session.batch(buffer)));
    }),
  'Nest, Express': () => nest('Express'),
  'Nest, Fastify': () => nest('Fastify'),
};

/** The loop goes round and round, and its longest round is kept. */
let watching = false;
let stallMs = 0;

function watch() {
  watching = true;
  stallMs = 0;
  let last = performance.now();
  const look = () => {
    const now = performance.now();
    stallMs = Math.max(stallMs, now - last);
    last = now;
    if (watching) setImmediate(look);
  };
  setImmediate(look);
}

const { server, publish } = await /** @type {() => Started | Promise<Started>} */ (subjects[String(subject)])();

/** @type {Record<string, (count: number) => unknown>} */
const answers = {
  /** Nobody is connected any more, and what they have left is cleared away. */
  async rest() {
    while (await new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    globalThis.gc?.();
  },
  collect: () => globalThis.gc?.(),
  cpu() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  watch,
  stall() {
    watching = false;
    return stallMs;
  },
};

process.on('message', async (/** @type {{ ask?: string, publish?: number }} */ { ask, publish: count }) => {
  if (count !== undefined) await publish(burst(count));
  else process.send?.({ answer: await answers[String(ask)]?.(0) });
});
process.on('disconnect', () => process.exit());
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  process.send?.({ answer: /** @type {import('node:net').AddressInfo} */ (server.address()).port });
});
