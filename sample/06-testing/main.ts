/** Tests of a stream, here with `node:test`: `npm run sample 06`. */
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SseChannels, SseModule, SseStream } from 'nestjs-event-stream';
import { openStream, steerTime } from 'nestjs-event-stream/testing';

@Controller('orders')
class OrdersController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream()
  follow() {
    return this.channels.subscribe('orders');
  }
}

@Module({ imports: [SseModule.forRoot()], controllers: [OrdersController] })
class OrdersModule {}

test('an order reaches whoever follows, and whoever comes back', async () => {
  const app = await NestFactory.create(OrdersModule, { logger: false });
  const stream = await openStream(app, '/orders');
  await app.get(SseChannels).publish('orders', { event: 'placed', data: { order: 1 } });
  assert.deepEqual((await stream.next()).json(), { order: 1 });
  await stream.close();

  await app.get(SseChannels).publish('orders', { event: 'placed', data: { order: 2 } });
  const back = await openStream(app, '/orders', { lastEventId: stream.lastEventId });
  assert.deepEqual((await back.next()).json(), { order: 2 });
  await app.close();
});

test('a quiet stream is pinged', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const time = steerTime((ms) => mock.timers.tick(ms));
  const app = await NestFactory.create(OrdersModule, { logger: false });
  const stream = await openStream(app, '/orders');
  await time.pass(16_500);
  await stream.until(() => stream.pings === 1);
  time.restore();
  mock.timers.reset();
  await app.close();
});
