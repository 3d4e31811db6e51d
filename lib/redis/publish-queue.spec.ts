import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { PublishQueue } from './publish-queue.js';
import { RedisKeys } from './redis-keys.js';
import type { RedisLink } from './redis-link.js';

const PLACEMENT = {
  channel: 'a',
  entry: '\ndata: 1\n\n',
  bytes: 10,
  limits: { events: 10, ageMs: 1000 },
  tombstoneMs: undefined,
};
const FULL = 512;

function queueOver(link: Partial<RedisLink>, timeoutMs = 0): PublishQueue {
  const parts = { keys: new RedisKeys('p'), timeoutMs, maxPendingBytes: 1_000_000, known: () => 0 };
  return new PublishQueue({ link: { whenReady: async () => {}, reconnect() {}, ...link } as RedisLink, ...parts });
}

/** A queue whose every attempt ends with the next of these. */
function queueWith(...ends: readonly string[]): PublishQueue {
  const left = [...ends];
  return queueOver({
    send: async () => {
      throw new Error(left.shift());
    },
  });
}

interface Call {
  readonly number: number;
  /** Number of the first batch without an answer, as the script was told. */
  readonly first: number;
  /** Says that its messages begin at a position. */
  answer(position: number): void;
  fail(message: string): void;
}

/** What was sent, to be answered by the test. */
class Calls {
  readonly all: Call[] = [];
  reconnects = 0;
  readonly #seen: (() => void)[] = [];

  readonly link: Partial<RedisLink> = {
    reconnect: () => {
      this.reconnects++;
    },
    send: (command) =>
      new Promise((resolve, reject) => {
        const [number, first] = command.slice(3 + Number(command[2]) + 3).map(Number);
        const answer = (position: number) => resolve(`epoch ${position}`);
        this.all.push({ number: number!, first: first!, answer, fail: (message) => reject(new Error(message)) });
        for (const seen of this.#seen.splice(0)) seen();
      }),
  };

  get numbers(): [number: number, first: number][] {
    return this.all.map(({ number, first }) => [number, first]);
  }

  async until(count: number): Promise<void> {
    while (this.all.length < count) await new Promise<void>((resolve) => this.#seen.push(resolve));
  }
}

/** Publishes so many at once. */
function placeAll(queue: PublishQueue, count: number) {
  return Array.from({ length: count }, () => queue.place(PLACEMENT));
}

/** Whatever was going to be sent is sent. */
async function settled(): Promise<void> {
  for (let n = 0; n < 5; n++) await turn();
}

describe('a message that Redis refuses', () => {
  it('was not placed when that is all that it has said', async () => {
    const queue = queueWith('OOM command not allowed');
    await expect(queue.place(PLACEMENT)).rejects.toMatchObject({ reason: 'refused', mayHaveBeenPlaced: false });
  });

  it('may have been placed by an earlier attempt that had no answer', async () => {
    const queue = queueWith('Connection is closed.', 'OOM command not allowed');
    await expect(queue.place(PLACEMENT)).rejects.toMatchObject({ reason: 'refused', mayHaveBeenPlaced: true });
  });

  it('was not placed by an earlier attempt that was to be made again', async () => {
    const queue = queueWith('EARLY the batch before', 'LOADING it', 'OOM command not allowed');
    await expect(queue.place(PLACEMENT)).rejects.toMatchObject({ reason: 'refused', mayHaveBeenPlaced: false });
  });
});

describe('a batch of messages', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('leaves before there is an answer to the one before it if it is full, and then no other one does', async () => {
    const calls = new Calls();
    const all = placeAll(queueOver(calls.link), 3 * FULL);
    await settled();
    expect(calls.numbers).toEqual([
      [1, 1],
      [2, 1],
    ]);
    calls.all[0]!.answer(1);
    await settled();
    expect(calls.numbers.slice(2)).toEqual([[3, 2]]);
    calls.all[1]!.answer(1 + FULL);
    calls.all[2]!.answer(1 + 2 * FULL);
    const positions = (await Promise.all(all)).map(({ position }) => position);
    expect(positions).toEqual(all.map((_, index) => index + 1));
  });

  it('waits for that answer when it is not full', async () => {
    const calls = new Calls();
    const queue = queueOver(calls.link);
    const all = placeAll(queue, 2 * FULL - 1);
    await settled();
    expect(calls.numbers).toEqual([[1, 1]]);
    all.push(...placeAll(queue, 1));
    await settled();
    expect(calls.numbers.slice(1)).toEqual([[2, 1]]);
    calls.all[0]!.answer(1);
    calls.all[1]!.answer(1 + FULL);
    await Promise.all(all);
  });

  it('is told its positions after the one before it, whichever answer comes first', async () => {
    const calls = new Calls();
    const told: number[] = [];
    const all = placeAll(queueOver(calls.link), 2 * FULL).map((each) =>
      each.then(({ position }) => told.push(position)),
    );
    await settled();
    calls.all[1]!.answer(1 + FULL);
    await settled();
    expect(told).toEqual([]);
    calls.all[0]!.answer(1);
    await Promise.all(all);
    expect(told).toEqual(all.map((_, index) => index + 1));
  });

  it('is sent again as long as the one before it is not placed, and then for itself', async () => {
    const calls = new Calls();
    const outcomes = Promise.allSettled(placeAll(queueOver(calls.link), 2 * FULL));
    await settled();
    calls.all[1]!.fail('EARLY the batch before');
    await calls.until(3);
    calls.all[0]!.fail('OOM command not allowed');
    calls.all[2]!.fail('EARLY the batch before');
    await calls.until(4);
    expect(calls.numbers.slice(2)).toEqual([
      [2, 1],
      [2, 2],
    ]);
    calls.all[3]!.answer(1);
    const statuses = (await outcomes).map(({ status }) => status);
    expect(statuses.slice(0, FULL)).toEqual(Array(FULL).fill('rejected'));
    expect(statuses.slice(FULL)).toEqual(Array(FULL).fill('fulfilled'));
  });

  it('that nobody waits for any more holds up none after it', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const calls = new Calls();
    const queue = queueOver(calls.link, 1000);
    const late = Promise.allSettled(placeAll(queue, FULL));
    await settled();
    jest.advanceTimersByTime(600);
    const all = placeAll(queue, FULL);
    await settled();
    jest.advanceTimersByTime(400);
    expect(await late).toContainEqual(
      expect.objectContaining({ reason: expect.objectContaining({ reason: 'timeout' }) }),
    );
    expect([calls.reconnects, calls.numbers]).toEqual([
      1,
      [
        [1, 1],
        [2, 1],
      ],
    ]);
    calls.all[1]!.fail('Connection is closed.');
    await calls.until(3);
    expect(calls.numbers[2]).toEqual([2, 2]);
    calls.all[2]!.answer(1);
    expect((await Promise.all(all)).at(-1)).toEqual({ position: FULL, epoch: 'epoch' });
  });
});
