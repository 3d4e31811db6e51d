/**
 * One subject of push.mjs: a server that sends so many messages to whoever connects, as fast as its peer takes them. It tells
 * its parent the port, and when asked the milliseconds of CPU that it has used so far.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Sse } from '@nestjs/common';
import { createEventBuffer, createSession } from 'better-sse';
import { from } from 'rxjs';
import { Pusher, SseStream } from '../dist/index.js';
import { decorate, nestApp } from './nest-app.mjs';
import { message } from './push-messages.mjs';

const [subject = '', ...numbers] = process.argv.slice(2);
const [count = 0, bytes = 0] = numbers.map(Number);
const BATCH = 100;
const BLOCK_BYTES = 64 * 1024;

function* messages() {
  for (let n = 0; n < count; n++) yield message(n, bytes);
}

async function pushed() {
  class Streams {
    /** @param {import('../dist/index.js').SsePusher} pusher */
    async follow(pusher) {
      for (const each of messages()) if (!(await pusher.push(each))) break;
      await pusher.close();
    }
  }
  Pusher()(Streams.prototype, 'follow', 0);
  decorate(Streams, 'follow', SseStream('stream'));
  return (await nestApp(Streams)).getHttpServer();
}

async function returned() {
  class Streams {
    follow() {
      return messages();
    }
  }
  decorate(Streams, 'follow', SseStream('stream'));
  return (await nestApp(Streams)).getHttpServer();
}

/** @param {string} platform */
async function nest(platform) {
  class Streams {
    follow() {
      return from(typed());
    }
  }
  function* typed() {
    for (const { id, event, data } of messages()) yield { id, type: event, data };
  }
  decorate(Streams, 'follow', Sse('stream', { maxPendingDataLength: 0 }));
  return (await nestApp(Streams, platform)).getHttpServer();
}

function betterSse() {
  return createServer(async (request, response) => {
    const session = await createSession(request, response, { keepAlive: null });
    for (const { id, event, data } of messages()) {
      session.push(data, event, id);
      if (response.writableNeedDrain) await once(response, 'drain');
    }
    response.end();
  });
}

function betterSseBatched() {
  return createServer(async (request, response) => {
    const session = await createSession(request, response, { keepAlive: null });
    for (let n = 0; n < count; n += BATCH) {
      const buffer = createEventBuffer();
      for (let at = n; at < Math.min(n + BATCH, count); at++) {
        const { id, event, data } = message(at, bytes);
        buffer.push(data, event, id);
      }
      await session.batch(buffer);
      if (response.writableNeedDrain) await once(response, 'drain');
    }
    response.end();
  });
}

/** What was encoded beforehand, in blocks of 64 KiB. */
function bare() {
  const frames = [...messages()].map(({ id, event, data }) => {
    return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  });
  const all = Buffer.from(frames.join(''));
  return createServer(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let at = 0; at < all.length; at += BLOCK_BYTES) {
      if (!response.write(all.subarray(at, at + BLOCK_BYTES))) await once(response, 'drain');
    }
    response.end();
  });
}

/** @type {Record<string, () => import('node:http').Server | Promise<import('node:http').Server>>} */
const subjects = {
  ours: pushed,
  'ours, returned': returned,
  'better-sse': betterSse,
  'better-sse batched': betterSseBatched,
  'Nest, Express': () => nest('Express'),
  'Nest, Fastify': () => nest('Fastify'),
  'ready blocks': bare,
};

const server = await /** @type {() => import('node:http').Server | Promise<import('node:http').Server>} */ (
  subjects[subject]
)();
process.on('disconnect', () => process.exit());
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1000);
});
server.listen(0, '127.0.0.1', () => {
  process.send?.(/** @type {import('node:net').AddressInfo} */ (server.address()).port);
});
