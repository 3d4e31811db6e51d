/**
 * The ways through Redis that redis.mjs compares. Each gives a publisher and, in another process, a listener.
 *
 * @typedef {(channel: string, text: string) => Promise<unknown>} Publish
 * @typedef {(text: string) => void} OnMessage what was published, or more text around it
 * @typedef {{ publisher(): Promise<Publish>, listen(channels: string[], onMessage: OnMessage): Promise<unknown> }} Subject
 */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { SseChannels, SseModule } from '../dist/index.js';
import { redisBackplane } from '../dist/redis/index.js';

const HISTORY = { events: 1000, bytes: 1024 * 1024, ageMs: 300_000 };

/** @param {string} url @returns {Record<string, () => Subject>} */
export function subjects(url) {
  return {
    'PUBLISH, ioredis': () => ({
      async publisher() {
        const client = new Redis(url, { enableAutoPipelining: true });
        return (channel, text) => client.publish(channel, text);
      },
      async listen(channels, onMessage) {
        const client = new Redis(url);
        client.on('message', (_channel, text) => onMessage(text));
        await client.subscribe(...channels);
      },
    }),
    'PUBLISH, node-redis': () => ({
      async publisher() {
        const client = await createClient({ url }).connect();
        return (channel, text) => client.publish(channel, text);
      },
      async listen(channels, onMessage) {
        const client = await createClient({ url }).connect();
        await client.subscribe(channels, onMessage);
      },
    }),
    'ours, backplane': () => ({
      async publisher() {
        const backplane = await startBackplane(url, () => {});
        return async (channel, text) => backplane.publish({ channel, body: `data: ${text}\n\n`, key: undefined });
      },
      async listen(channels, onMessage) {
        const backplane = await startBackplane(url, onMessage);
        await Promise.all(channels.map(async (channel) => backplane.open(channel, HISTORY.ageMs)));
      },
    }),
    'ours, module': () => ({
      async publisher() {
        const channels = await startModule(url);
        return (channel, text) => channels.publish(channel, text);
      },
      async listen(names, onMessage) {
        const channels = await startModule(url);
        for (const name of names) void follow(channels, name, onMessage);
        await opened(channels, names);
      },
    }),
  };
}

/** @param {string} url @param {OnMessage} onMessage */
async function startBackplane(url, onMessage) {
  const backplane = redisBackplane({ url });
  const ignore = () => {};
  const others = { closed: ignore, advanced: ignore, lost: ignore, ruptured: ignore };
  await backplane.start({ deliver: ({ body }) => onMessage(body), ...others }, { limitsOf: () => HISTORY });
  return backplane;
}

/** @param {string} url */
async function startModule(url) {
  class AppModule {}
  Module({ imports: [SseModule.forRoot({ backplane: redisBackplane({ url }) })] })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
  return app.get(SseChannels);
}

/** @param {SseChannels} channels @param {string} name @param {OnMessage} onMessage */
async function follow(channels, name, onMessage) {
  for await (const { data } of channels.subscribe(name)) onMessage(data);
}

/** @param {SseChannels} channels @param {string[]} names */
async function opened(channels, names) {
  const wanted = names.length;
  const count = () => channels.localStats().reduce((sum, { subscribers }) => sum + subscribers, 0);
  while (count() < wanted) await new Promise((resolve) => setTimeout(resolve, 10));
}
