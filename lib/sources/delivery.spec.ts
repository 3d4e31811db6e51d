import { describe, expect, it } from '@jest/globals';
import { ReceivedMessage } from '../protocol/index.js';
import { Delivery, Unfinished } from './delivery.js';
import type { DeliveryOutcome } from './delivery-outcome.js';

const delivery = () => new Delivery(new ReceivedMessage('event', '', '1'));
const handler = (name: string) => ({ name });
const never = new Promise<DeliveryOutcome>(() => {});

describe('the signal of a delivery', () => {
  it('is one, whoever asks for it, and aborted with the delivery', () => {
    const one = delivery();
    const { signal } = one;
    expect(signal.aborted).toBe(false);
    one.abort();
    expect(signal.aborted).toBe(true);
    expect(one.signal).toBe(signal);
  });

  it('is aborted when it is first asked for after that', () => {
    const one = delivery();
    one.abort();
    expect(one.signal.aborted).toBe(true);
  });

  it('is not aborted by what comes when the delivery is over', () => {
    const one = delivery();
    one.end();
    one.abort();
    expect(one.signal.aborted).toBe(false);
  });
});

describe('a delivery', () => {
  it('has nothing to wait for when all methods were done at once', () => {
    expect(delivery().dealtWith).toBeUndefined();
  });

  it('is over when the last method has finished, and tells which have not', async () => {
    const one = delivery();
    let finish: (outcome: DeliveryOutcome) => void = () => {};
    const last = new Promise<DeliveryOutcome>((resolve) => {
      finish = resolve;
    });
    one.waitFor(handler('first'), Promise.resolve('done'));
    one.waitFor(handler('last'), last);
    expect(one.atWork).toEqual(['first', 'last']);
    await new Promise(setImmediate);
    expect({ isOver: one.isOver, atWork: one.atWork }).toEqual({ isOver: false, atWork: ['last'] });
    finish('done');
    await expect(one.dealtWith).resolves.toBeUndefined();
    expect(one.isOver).toBe(true);
  });

  it.each<DeliveryOutcome>(['stop', 'interrupted'])('has not dealt with the message when one says %p', async (how) => {
    const one = delivery();
    one.waitFor(handler('bad'), Promise.resolve(how));
    one.waitFor(handler('good'), Promise.resolve('done'));
    await expect(one.dealtWith).rejects.toBeInstanceOf(Unfinished);
  });

  it('can be cut off', async () => {
    const one = delivery();
    one.waitFor(handler('stuck'), never);
    one.end(true);
    await expect(one.dealtWith).rejects.toBeInstanceOf(Unfinished);
    expect(one.isOver).toBe(true);
  });
});
