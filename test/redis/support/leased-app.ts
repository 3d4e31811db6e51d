/**
 * A program that follows a source together with others of its kind, and says what it gets. SIGTERM ends it.
 *
 * @param stuckAt the message whose method finishes only when its signal is aborted, and then tries to save a cursor
 */
export function leasedApp(url: string, redis: string, ttlMs: number, stuckAt = 0): string {
  return `
    import 'reflect-metadata';
    import { Injectable, Module } from '@nestjs/common';
    import { NestFactory } from '@nestjs/core';
    import { OnSseEvent, SseModule, SseSources } from './lib/index.js';
    import { redisCursorStore } from './lib/redis/redis-cursor-store.js';
    import { redisLeases } from './lib/redis/redis-leases.js';

    const say = (text) => process.stdout.write(text + '\\n');
    const redis = { url: '${redis}' };
    const store = redisCursorStore(redis);
    let fence;
    const cursorStore = {
      async load(source) {
        const cursor = await store.load(source);
        fence ??= cursor.fence;
        return cursor;
      },
      save: (...cursor) => store.save(...cursor),
      release: (source) => store.release(source),
    };

    @Injectable()
    class Orders {
      @OnSseEvent('orders')
      async any({ data }, { signal }) {
        say('got ' + data + '.');
        if (data !== '${stuckAt}') return;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        say('aborted by ' + signal.reason.code);
        say('saving is ' + await store.save('orders', '0', fence).then(() => 'done', ({ reason }) => reason));
      }
    }

    const orders = {
      url: '${url}',
      retry: { nextDelayMs: () => 10 },
      cursorStore,
      lease: redisLeases({ ...redis, ttlMs: ${ttlMs} }),
    };
    @Module({ imports: [SseModule.forRoot({ sources: { orders } })], providers: [Orders] })
    class AppModule {}

    const app = await NestFactory.createApplicationContext(AppModule, { logger: ['log', 'warn', 'error'] });
    process.once('SIGTERM', () => app.close());
    say('0');
  `;
}
