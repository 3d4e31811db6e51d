import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ReceivedMessage } from '../../lib/protocol/index.js';
import { FanOut } from '../../lib/receiver/fan-out.js';
import type { PullConsumer } from '../../lib/receiver/pull-consumer.js';
import type { PushConsumer } from '../../lib/receiver/push-consumers.js';
import { collectGarbage } from '../pusher/support/collect-garbage.js';

const message = (id: number, bytes = 1) => new ReceivedMessage('message', 'x'.repeat(bytes), `${id}`, `${id}`);

/** Notes what is pushed to it, and how it ends. */
class Recorder implements PushConsumer {
  readonly closed = false;
  readonly seen: string[] = [];

  next({ lastEventId }: ReceivedMessage): void {
    this.seen.push(lastEventId);
  }

  complete(): void {
    this.seen.push('end');
  }

  error(error: unknown): void {
    this.seen.push(String(error));
  }
}

describe('the fan-out', () => {
  const events = {
    onFirstJoined: jest.fn(),
    onLastLeft: jest.fn(),
    onRoom: jest.fn(),
    onConsumed: jest.fn(),
    onAbandoned: jest.fn(),
  };
  let fanOut: FanOut;

  beforeEach(() => {
    jest.clearAllMocks();
    fanOut = new FanOut('0', events);
  });

  const append = (...ids: number[]) => {
    for (const id of ids) fanOut.append(message(id));
  };
  /** Takes so many messages, which must be there, and finishes all of them but the last. */
  const takeFrom = (consumer: PullConsumer, count: number) => {
    for (let i = 0; i < count; i++) expect(consumer.nextAtHand()).toMatchObject({ done: false });
  };

  describe('where a consumer has left something unfinished', () => {
    it('keeps the cursor at the first such place, wherever others leave theirs', () => {
      const [first, second, staying] = [fanOut.joinPulling(), fanOut.joinPulling(), fanOut.joinPulling()];
      append(1, 2, 3, 4);
      takeFrom(first, 2);
      takeFrom(second, 3);
      takeFrom(staying, 4);
      staying.finish();
      first.leave();
      second.leave();
      expect(fanOut.consumedId).toBe('1');
    });

    it('lets the cursor go on once all have left and others have come', () => {
      const [leaving, staying] = [fanOut.joinPulling(), fanOut.joinPulling()];
      append(1, 2, 3);
      takeFrom(leaving, 2);
      leaving.leave();
      staying.leave();
      const later = fanOut.joinPulling();
      append(2, 3, 4, 5);
      takeFrom(later, 4);
      later.finish();
      expect(fanOut.consumedId).toBe('5');
    });

    it('says nothing where nobody else is there whose cursor would be held', () => {
      const alone = fanOut.joinPulling();
      append(1);
      takeFrom(alone, 1);
      alone.leave();
      expect(events.onAbandoned).not.toHaveBeenCalled();
    });

    it('is not what happens when everything went to another who joined at the same place', () => {
      const [leaving, staying] = [fanOut.joinPulling(), fanOut.joinPulling()];
      append(1, 2);
      leaving.leave();
      takeFrom(staying, 2);
      staying.finish();
      expect(fanOut.consumedId).toBe('2');
      expect(events.onAbandoned).not.toHaveBeenCalled();
    });

    it('is not what happens when everything was pushed to another', () => {
      const pushed = new Recorder();
      fanOut.joinPushing(pushed);
      const leaving = fanOut.joinPulling();
      append(1, 2);
      fanOut.joinPulling();
      leaving.leave();
      expect(pushed.seen).toEqual(['1', '2']);
      expect(fanOut.consumedId).toBe('2');
      expect(events.onAbandoned).not.toHaveBeenCalled();
    });
  });

  describe('holding the stream up', () => {
    it('goes on telling so until the backlog is small, not as soon as it is smaller', () => {
      const consumer = fanOut.joinPulling();
      for (let id = 1; id <= 10; id++) fanOut.append(message(id, 8_000));
      expect(fanOut.settle('10')).toBe(true);
      takeFrom(consumer, 5);
      expect(fanOut.settle('10')).toBe(true);
      expect(events.onRoom).not.toHaveBeenCalled();
      takeFrom(consumer, 4);
      expect(events.onRoom).toHaveBeenCalledTimes(1);
      expect(fanOut.settle('10')).toBe(false);
    });

    it('does not count a message that somebody is dealing with: nothing would tell to go on', () => {
      const consumer = fanOut.joinPulling();
      fanOut.append(message(1, 100_000));
      takeFrom(consumer, 1);
      expect(fanOut.settle('1')).toBe(false);
    });

    it('is over when all have left: who comes next is behind with nothing', () => {
      const slow = fanOut.joinPulling();
      fanOut.append(message(1, 100_000));
      expect(fanOut.settle('1')).toBe(true);
      slow.leave();
      fanOut.joinPulling();
      expect(fanOut.settle('0')).toBe(false);
    });
  });

  it('tells that the cursor has moved when an id comes without a message', () => {
    fanOut.joinPulling();
    fanOut.settle('7');
    expect(events.onConsumed).toHaveBeenCalledTimes(1);
    expect(fanOut.consumedId).toBe('7');
    fanOut.settle('7');
    expect(events.onConsumed).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['pushed to', () => fanOut.joinPushing(new Recorder())],
    ['that has finished them', () => fanOut.joinPulling()],
  ])('keeps no messages for a consumer %s', async (_what, join) => {
    const consumer = join();
    const refs: WeakRef<ReceivedMessage>[] = [];
    const appendOne = (id: number) => {
      const one = message(id);
      refs.push(new WeakRef(one));
      fanOut.append(one);
      if ('nextAtHand' in consumer) takeFrom(consumer, 1);
    };
    for (let id = 1; id <= 10; id++) appendOne(id);
    await collectGarbage();
    expect(refs.slice(0, 8).filter((ref) => ref.deref())).toEqual([]);
    expect(fanOut.receivedId).toBe('10');
  });

  describe('after the end', () => {
    it('does not ask for a connection again, whoever comes', () => {
      const leaving = fanOut.joinPulling();
      fanOut.end({});
      leaving.leave();
      fanOut.joinPulling();
      fanOut.joinPushing(new Recorder());
      expect(events.onFirstJoined).toHaveBeenCalledTimes(1);
    });

    it('does not tell that the last one has left when those who were pushed to take their leave', () => {
      const leave = fanOut.joinPushing(new Recorder());
      fanOut.end({});
      leave();
      expect(events.onLastLeft).not.toHaveBeenCalled();
    });

    it('gives nothing to a late one that another is still to take', () => {
      const taking = fanOut.joinPulling();
      append(1, 2);
      fanOut.end({});
      const late = new Recorder();
      fanOut.joinPushing(late);
      expect(late.seen).toEqual(['end']);
      takeFrom(taking, 2);
      expect(fanOut.consumedId).toBe('1');
    });

    it('lets the cursor follow whoever goes on where others have left', () => {
      const leaving = fanOut.joinPulling();
      append(1, 2, 3);
      takeFrom(leaving, 1);
      fanOut.end({});
      leaving.leave();
      const next = fanOut.joinPulling();
      takeFrom(next, 3);
      next.finish();
      expect(fanOut.consumedId).toBe('3');
    });

    it('does not count as finished what is finished by one that had left by then', () => {
      const leaving = fanOut.joinPulling();
      append(1);
      takeFrom(leaving, 1);
      fanOut.end({});
      leaving.leave();
      leaving.finish();
      expect(fanOut.consumedId).toBe('0');
    });

    it('gives the rest to one late Observable only', () => {
      const leaving = fanOut.joinPulling();
      append(1, 2);
      fanOut.end({});
      leaving.leave();
      const late = [new Recorder(), new Recorder()];
      for (const one of late) fanOut.joinPushing(one);
      expect(late.map(({ seen }) => seen)).toEqual([['1', '2', 'end'], ['end']]);
    });

    it('delivers nothing any more once it is closed, neither rest nor failure', () => {
      const leaving = fanOut.joinPulling();
      append(1, 2);
      fanOut.end({ error: new Error('gone') });
      leaving.leave();
      fanOut.close();
      const late = new Recorder();
      fanOut.joinPushing(late);
      expect(late.seen).toEqual(['end']);
    });
  });
});
