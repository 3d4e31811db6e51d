import { expect, it } from '@jest/globals';
import { MemoryCursorStore, SseReceiverService } from 'nestjs-event-stream';
import { MockAgent } from 'undici';
import { OrderImport } from './order-import.js';

it('imports what the shop sends, over a failure too', async () => {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const shop = agent.get('https://shop.example');
  const headers = { 'content-type': 'text/event-stream' };
  shop.intercept({ path: '/orders' }).reply(200, 'id: 1\ndata: {"tea":2}\n\nid: 2\ndata: {"milk":1}\n\n', { headers });
  shop.intercept({ path: '/orders', headers: { 'last-event-id': '2' } }).reply(503);
  shop.intercept({ path: '/orders', headers: { 'last-event-id': '2' } }).reply(204); // and that is the end

  const imported: Record<string, unknown> = {};
  const insertOnce = async (key: string, order: unknown) => {
    imported[key] ??= order;
  };
  const orders = new OrderImport(new SseReceiverService(), new MemoryCursorStore(), { insertOnce });
  await orders.run('https://shop.example/orders', { dispatcher: agent, retry: { nextDelayMs: () => 0 } });

  expect(imported).toEqual({ 1: { tea: 2 }, 2: { milk: 1 } });
  agent.assertNoPendingInterceptors();
  await agent.close();
});
