import { expect, it } from '@jest/globals';
import { MemoryCursorStore, SseReceiverService } from 'nestjs-event-stream';
import { FakeSseSource } from 'nestjs-event-stream/testing';
import { OrderImport } from './order-import.js';

it('imports each order once, over a lost connection and a failure', async () => {
  const shop = await FakeSseSource.start();
  shop.emit({ id: '1', data: { tea: 2 } });
  shop.cut(); // in the middle of the stream
  shop.refuse(503); // when the receiver comes back
  shop.emit({ id: '2', data: { milk: 1 } }); // when it comes back again
  shop.end();
  shop.refuse(204); // and that is all

  const imported: string[] = [];
  const insertOnce = async (key: string) => void imported.push(key);
  const orders = new OrderImport(new SseReceiverService(), new MemoryCursorStore(), { insertOnce });
  await orders.run(shop.url, { retry: { nextDelayMs: () => 0 } });
  expect(imported).toEqual(['1', '2']);
  expect(shop.lastEventIds).toEqual([undefined, '1', '1', '2']);
  await shop.close();
});
