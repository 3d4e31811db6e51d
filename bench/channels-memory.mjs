/**
 * What channels take of the memory: `npm run build && node --expose-gc bench/channels-memory.mjs`. It shows
 *
 * - heap bytes for each of CHANNELS channels that had one message and keep nothing, while their positions are remembered,
 *   and again after the sweep that drops them; the clock is put forward for that
 * - the growth of heap and buffers while MEGABYTES are published past a client that does not read, in messages of 1 KB, while
 *   another client, in another process, reads all of them; the history is the default one, of 1 MiB
 *
 * Memory is what V8 counts after forced collections. CHANNELS and MEGABYTES can be set in the environment.
 */
import 'reflect-metadata';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const CHANNELS = Number(process.env.CHANNELS ?? 100_000);
const MEGABYTES = Number(process.env.MEGABYTES ?? 50);
const MESSAGE_BYTES = 1024;
const BURST = 100;

/** After so long, nobody can miss anything of an idle channel: five minutes of history, and some more. */
const FORGOTTEN_MS = 400_000;

if (process.argv[2] === 'client') {
  await read(Number(process.argv[3]));
} else if (globalThis.gc === undefined) {
  throw new Error('run it with --expose-gc');
} else {
  await idleChannels();
  await pastSlowClient();
}

async function idleChannels() {
  const clock = holdClock();
  const { SseChannels, SseModule } = await import('../dist/index.js');
  class App {}
  Module({ imports: [SseModule.forRoot({ history: { events: 0 } })] })(App);
  const app = await NestFactory.createApplicationContext(App, { logger: false });
  const channels = app.get(SseChannels);
  for (let n = 0; n < 1000; n++) await channels.publish(`warm-up:${n}`, 'x');
  clock.forward(FORGOTTEN_MS);

  const before = await memory();
  for (let n = 0; n < CHANNELS; n += 1000) {
    const some = Array.from({ length: Math.min(1000, CHANNELS - n) }, (_, index) =>
      channels.publish(`job:${n + index}`, { event: 'progress', data: { done: index } }),
    );
    await Promise.all(some);
  }
  expect(channels.localStats().filter(({ messages }) => messages === 0).length, CHANNELS);
  const idle = await memory();
  clock.forward(FORGOTTEN_MS);
  expect(channels.localNames().length, 0);
  const dropped = await memory();
  await app.close();
  clock.release();
  const each = (/** @type {number} */ bytes) => `${((bytes - before) / CHANNELS).toFixed(1)} bytes each`;
  console.log(`${CHANNELS} channels, emptied ${each(idle)} (name included)`);
  console.log(`${CHANNELS} channels, dropped ${each(dropped)}`);
}

async function pastSlowClient() {
  const { SseChannels, SseModule, SseStream, SseStreamRegistry } = await import('../dist/index.js');
  class News {
    /** @type {import('../dist/index.js').SseChannels | undefined} */
    channels;
    follow() {
      return this.channels?.subscribe('news');
    }
  }
  const descriptor = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(News.prototype, 'follow'));
  /** @type {(target: object, method: string, descriptor: PropertyDescriptor) => void} */ (SseStream('news'))(
    News.prototype,
    'follow',
    descriptor,
  );
  Object.defineProperty(News.prototype, 'follow', descriptor);
  Controller()(News);
  class App {}
  // The slow one shall stay.
  Module({ imports: [SseModule.forRoot({ pingMs: 0, writeTimeoutMs: 0 })], controllers: [News] })(App);
  const app = await NestFactory.create(App, { logger: false });
  await app.listen(0, '127.0.0.1');
  const channels = app.get(SseChannels);
  app.get(News).channels = channels;

  const client = fork(fileURLToPath(import.meta.url), ['client', String(app.getHttpServer().address().port)]);
  await once(client, 'message');
  /** Publishes, and goes on when the reading client has all of it. @param {number} count */
  const publish = async (count) => {
    const some = Array.from({ length: count }, (_, n) =>
      channels.publish('news', { event: 'tick', data: { filler: String(n).padEnd(MESSAGE_BYTES - 100, 'x') } }),
    );
    await Promise.all([...some, once(client, 'message'), client.send(count)]);
  };
  await publish(BURST);
  const before = await memory();
  let most = 0;
  const bursts = Math.ceil((MEGABYTES * 1024 * 1024) / MESSAGE_BYTES / BURST);
  for (let burst = 1; burst <= bursts; burst++) {
    await publish(BURST);
    if (burst % 20 === 0 || burst === bursts) most = Math.max(most, await memory());
  }
  expect(app.get(SseStreamRegistry).count, 2);
  client.disconnect();
  await app.close();
  const mib = ((most - before) / 1024 / 1024).toFixed(2);
  console.log(`${MEGABYTES} MB past a client that does not read: ${mib} MiB at most`);
}

/** The clients: one stops reading after the head, the other counts messages and tells when it has as many as it shall. */
async function read(/** @type {number} */ port) {
  const request = 'GET /news HTTP/1.1\r\nHost: bench\r\n\r\n';
  const slow = connect(port, '127.0.0.1');
  slow.write(request);
  await once(slow, 'data');
  slow.pause();

  let got = 0;
  let wanted = 0;
  let tail = '';
  const tell = () => {
    if (wanted > 0 && got >= wanted) {
      got -= wanted;
      wanted = 0;
      process.send?.('has all');
    }
  };
  const fast = connect(port, '127.0.0.1');
  fast.write(request);
  await once(fast, 'data');
  fast.on('data', (chunk) => {
    const text = tail + chunk.toString('latin1');
    got += text.split('\nevent: tick\n').length - 1;
    tail = text.slice(-'event: tick\n'.length);
    tell();
  });
  process.on('message', (count) => {
    wanted = Number(count);
    tell();
  });
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}

/** Bytes in use after everything that can go is gone; some things go only after another turn. */
async function memory() {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Takes over the clock and the intervals of whatever is imported from now on. */
function holdClock() {
  const { now } = performance;
  const { setInterval } = globalThis;
  let ahead = 0;
  /** @type {Set<() => void>} */
  const sweeps = new Set();
  performance.now = () => now.call(performance) + ahead;
  globalThis.setInterval = /** @type {typeof setInterval} */ (
    (/** @type {() => void} */ sweep, /** @type {number} */ ms) => {
      sweeps.add(sweep);
      return setInterval(() => {}, ms);
    }
  );
  return {
    /** @param {number} ms */
    forward(ms) {
      ahead += ms;
      for (const sweep of sweeps) sweep();
    },
    release() {
      performance.now = now;
      globalThis.setInterval = setInterval;
    },
  };
}

/** @param {number} actual @param {number} expected */
function expect(actual, expected) {
  if (actual !== expected) throw new Error(`expected ${expected}, got ${actual}`);
}
