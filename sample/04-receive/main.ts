/** Another server's events, each handled once, over lost connections and restarts: `npm run sample 04`. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  FileCursorStore,
  LastEventId,
  OnSseEvent,
  type ReceivedMessage,
  type SseMessage,
  SseModule,
  SseStream,
} from 'nestjs-event-stream';

const port = Number(process.env['PORT'] ?? 3000);
const orders = {
  url: `http://127.0.0.1:${port}/orders`,
  cursorStore: new FileCursorStore(join(tmpdir(), `nestjs-event-stream-sample-04-${port}`)),
};

/** Stands in for the other server, which hangs up after each order. */
@Controller()
class ShopController {
  @SseStream('orders', { retryMs: 500 })
  *orders(@LastEventId() seen?: string): Generator<SseMessage> {
    const next = Number(seen ?? 0) + 1;
    yield { id: String(next), event: 'placed', data: { order: next } };
  }
}

@Injectable()
class Orders {
  @OnSseEvent('orders', 'placed')
  take(message: ReceivedMessage): void {
    console.log(`order ${message.json<{ order: number }>().order}`); // the cursor moves when this has returned
  }
}

@Module({ imports: [SseModule.forRoot({ sources: { orders } })], controllers: [ShopController], providers: [Orders] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error'] });
app.enableShutdownHooks();
await app.listen(port, '127.0.0.1');
console.log(`curl -N ${await app.getUrl()}/orders`);
