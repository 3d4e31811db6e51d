import { expect, it } from '@jest/globals';
import type { SsePusher } from 'nestjs-event-stream';
import { createTestPusher, receivedMessage } from 'nestjs-event-stream/testing';
import { Invoices } from './billing.module.js';

/** What is tested: it goes on below the last number that its client has seen. */
async function countDown(pusher: SsePusher, pause: (left: number) => unknown): Promise<void> {
  for (let left = Number(pusher.lastEventId ?? 10) - 1; left > 0 && !pusher.signal.aborted; left--) {
    await pusher.push({ id: `${left}`, event: 'left', data: left });
    await pause(left);
  }
}

it('counts down until its client leaves', async () => {
  const pusher = createTestPusher({ lastEventId: '7' });
  await countDown(pusher, (left) => left === 5 && pusher.abort()); // 'client', unless another reason is given
  expect(pusher.messages.map(({ id }) => id)).toEqual(['6', '5']);
});

it('marks an invoice as paid', async () => {
  const invoices = new Invoices();
  const context = { source: 'billing', attempt: 1, signal: new AbortController().signal };
  const message = receivedMessage({ event: 'invoice.paid', data: { id: '17' } });
  await invoices.markPaid(message, context);
  expect(invoices.states.get('17')).toBe('paid');
});
