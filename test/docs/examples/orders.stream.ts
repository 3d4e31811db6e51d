import { expect, it, jest } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { openStream } from 'nestjs-event-stream/testing';
import { OrdersController, OrdersModule } from './orders.module.js';

async function createApp() {
  const testing = await Test.createTestingModule({ imports: [OrdersModule] }).compile();
  return testing.createNestApplication(); // it listens as soon as a stream is opened
}

it('sends what becomes of an order, and what was missed to whoever comes back', async () => {
  const app = await createApp();
  const orders = app.get(OrdersController);
  const stream = await openStream(app, '/orders/1');
  await orders.pay('1', 20);
  expect(await stream.next()).toMatchObject({ event: 'paid', data: '{"amount":20}' });
  await stream.close();

  await orders.ship('1', 'A');
  const resumed = await openStream(app, '/orders/1', { lastEventId: stream.lastEventId });
  expect((await resumed.next()).json()).toEqual({ parcel: 'A' });
  expect((await openStream(app, '/orders/1')).status).toBe(204); // this order is done
  await app.close();
});

it('pings a stream that is silent', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] }); // which sockets run on
  const app = await createApp();
  const stream = await openStream(app, '/orders/1');
  await jest.advanceTimersByTimeAsync(16_500); // 15 s, and at most a twelfth more
  await stream.until(() => stream.pings === 1);
  jest.useRealTimers();
  await app.close();
});
