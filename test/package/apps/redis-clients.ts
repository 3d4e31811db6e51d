import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { SseChannels, SseModule, SseTickets } from 'nestjs-event-stream';
import {
  type RedisConnectionOptions,
  redisBackplane,
  redisCursorStore,
  redisLeases,
  redisTicketStore,
} from 'nestjs-event-stream/redis';
import { createClient } from 'redis';

const [, , url = ''] = process.argv;

/** Sends a message through Redis, and says when it has come back. */
async function relay(name: string, redis: RedisConnectionOptions): Promise<void> {
  // Never connected, for no method listens to it: it is here for its types.
  const source = {
    url: 'http://127.0.0.1',
    cursorStore: redisCursorStore(redis),
    lease: redisLeases(redis),
    enabled: false,
  };

  @Module({
    imports: [
      SseModule.forRoot({
        backplane: redisBackplane({ ...redis, prefix: 'package' }),
        tickets: { store: redisTicketStore({ ...redis, prefix: 'package' }) },
        sources: { source },
      }),
    ],
  })
  class AppModule {}

  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error'] });
  const channels = app.get(SseChannels);
  await app.get(SseTickets).issue({ path: '/', subject: name });
  await channels.publish(name, { data: 'got it' });
  for await (const { data } of channels.subscribe(name, { replay: 1 })) {
    console.log(`${name}: ${String(data)}`);
    break;
  }
  await app.close();
}

async function main(): Promise<void> {
  const ioredis = new Redis(url);
  await relay('ioredis', { client: ioredis });
  ioredis.disconnect();

  const nodeRedis = createClient({ url });
  await nodeRedis.connect();
  await relay('redis', { client: nodeRedis });
  nodeRedis.destroy();
}

void main();
