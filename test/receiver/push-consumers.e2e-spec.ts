import { describe, expect, it } from '@jest/globals';
import { ReceivedMessage } from '../../lib/protocol/index.js';
import { type PushConsumer, PushConsumers } from '../../lib/receiver/push-consumers.js';

describe('consumers that are pushed to', () => {
  const message = new ReceivedMessage('message', 'a', '');
  const noting = (notes: string[], name: string, then = () => {}): PushConsumer => ({
    closed: false,
    next: () => {
      notes.push(name);
      then();
    },
    complete: () => {
      notes.push(`end of ${name}`);
      then();
    },
    error: () => {},
  });
  /** Two of them; the first makes the second leave, as soon as it hears anything. */
  const pair = () => {
    const notes: string[] = [];
    const consumers = new PushConsumers();
    let leave = () => true;
    consumers.join(noting(notes, 'first', () => void leave()));
    leave = consumers.join(noting(notes, 'second'));
    return { notes, consumers, leave };
  };

  it('hear nothing once they have left, in the middle of a message', () => {
    const { notes, consumers } = pair();
    consumers.next(message, () => false);
    expect(notes).toEqual(['first']);
    expect(consumers.count).toBe(1);
  });

  it('hear nothing once they have left, in the middle of the end', () => {
    const { notes, consumers } = pair();
    consumers.dismiss((consumer) => consumer.complete(false));
    expect(notes).toEqual(['end of first']);
  });

  it('leave once only', () => {
    const { leave } = pair();
    expect([leave(), leave()]).toEqual([true, false]);
  });

  it('have left when they are dismissed', () => {
    const { consumers, leave } = pair();
    consumers.dismiss(() => {});
    expect(leave()).toBe(false);
  });

  it('hear nothing of a message that is over already', () => {
    const notes: string[] = [];
    const consumers = new PushConsumers();
    let isOver = false;
    consumers.join(noting(notes, 'first', () => (isOver = true)));
    consumers.join(noting(notes, 'second'));
    consumers.next(message, () => isOver);
    expect(notes).toEqual(['first']);
  });
});
