/** A process with channels, to each of which its streams go by their paths: `node bench/growth-channel-process.mjs <kept messages>`. */
import 'reflect-metadata';
import { Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SseChannels, SseModule, SseStream } from '../dist/index.js';
import { decorate } from './nest-app.mjs';
import { answerAndListen } from './subject-answers.mjs';

const AT_ONCE = 1000;
const REHEARSED = 20_000;

const events = Number(process.argv[2]);

class Jobs {
  /** @type {SseChannels | undefined} */
  channels;
  /** @param {string} name */
  follow(name) {
    return this.channels?.subscribe(name);
  }
}
Param('name')(Jobs.prototype, 'follow', 0);
decorate(Jobs, 'follow', SseStream(':name'));

class App {}
Module({ imports: [SseModule.forRoot({ pingMs: 0, history: { events } })], controllers: [Jobs] })(App);

/** @param {SseChannels} channels @param {import('./growth-channel-server.mjs').Some} some */
async function publish(channels, { channels: among, count, prefix = 'job', from = 0, times = 1 }) {
  for (let time = 0; time < times; time++) {
    for (let n = 0; n < count; n += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, count - n) }, (_, index) => {
        const name = `${prefix}:${from + Math.floor(((n + index) * among) / count)}`;
        return channels.publish(name, { event: 'progress', data: { done: n + index } });
      });
      await Promise.all(some);
    }
  }
}

async function rehearse() {
  const app = await NestFactory.createApplicationContext(App, { logger: false });
  await publish(app.get(SseChannels), { channels: REHEARSED, count: REHEARSED });
  await app.close();
}

/** What was to be done at once has been done. */
function rested() {
  return new Promise((resolve) => setTimeout(() => resolve(true), 20));
}

// What is new to the process is slow: let that not be the first channels.
await rehearse();
const adapter = new FastifyAdapter();
const app = await NestFactory.create(App, adapter, { logger: false });
await app.init();
await adapter.getInstance().ready();
const channels = app.get(SseChannels);
app.get(Jobs).channels = channels;
answerAndListen(app.getHttpServer(), { publish: (some) => publish(channels, some), rested });
