import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Deferred, deferred } from '../../test/pusher/support/deferred.js';
import type { ChannelStart, PlacedMessage, SseBackplane } from './backplane.js';
import { ChannelBook } from './channel-book.js';
import type { ChannelLog } from './channel-log.js';
import { BROADCAST } from './channel-name.js';
import { HistoryKeeper } from './history-keeper.js';
import { HistoryPolicy } from './history-options.js';
import { PlainPositions } from './plain-positions.js';
import { MARK_MS } from './time-marks.js';

const AGE_MS = 60_000;

/** Answers what it is asked to open when the test says so. */
class Backplane implements SseBackplane {
  epoch = 'x';
  readonly keepsHistory = true;
  readonly openings: { readonly channel: string; readonly start: Deferred<ChannelStart> }[] = [];
  readonly released: string[] = [];

  start(): void {}

  publish(): number {
    return 0;
  }

  open(channel: string): Promise<ChannelStart> {
    const start = deferred<ChannelStart>();
    this.openings.push({ channel, start });
    return start.promise;
  }

  sync(): void {}

  release(channel: string): void {
    this.released.push(channel);
  }

  close(): number {
    return 0;
  }

  stop(): void {}
}

function placed(seq: number, channel = 'a'): PlacedMessage {
  return { channel, seq, body: `data: ${seq}\n\n`, key: undefined };
}

function startWith(...messages: PlacedMessage[]): ChannelStart {
  return { floor: 0, seq: messages.at(-1)?.seq ?? 0, messages, end: undefined };
}

function seqsOf(log: ChannelLog): number[] {
  const seqs = [];
  for (let index = log.indexAfter(0); log.at(index); index++) seqs.push(log.at(index)!.seq);
  return seqs;
}

describe('channels that other processes share', () => {
  let backplane: Backplane;
  let keeper: HistoryKeeper;
  let book: ChannelBook;

  beforeEach(() => {
    backplane = new Backplane();
    keeper = new HistoryKeeper(1e9);
    book = new ChannelBook(backplane, new HistoryPolicy(), keeper, new PlainPositions());
  });

  it('are opened once for all who ask meanwhile, and let go of by the last of them', async () => {
    const asked = Promise.all([book.acquire('a'), book.acquire('a'), book.acquire('a')]);
    expect(backplane.openings.map(({ channel }) => channel)).toEqual(['a']);
    backplane.openings[0]!.start.resolve(startWith());
    const [log, ...others] = await asked;
    expect(others).toEqual([log, log]);
    expect(log!.subscribers).toBe(3);
    book.release(log!);
    book.release(log!);
    expect([book.get('a'), backplane.released]).toEqual([log, []]);
    book.release(log!);
    expect([book.get('a'), backplane.released]).toEqual([undefined, ['a']]);
  });

  it('lose nothing that is delivered before it is known what is kept, and have nothing twice', async () => {
    const asked = book.acquire('a');
    for (const seq of [3, 4, 6]) expect(book.append(placed(seq))).toBeUndefined();
    book.append(placed(5, 'b'));
    backplane.openings[0]!.start.resolve(startWith(placed(2), placed(3)));
    const log = await asked;
    expect(seqsOf(log)).toEqual([2, 3, 4, 6]);
    expect(book.head).toBe(6);
  });

  it('know of what is newer elsewhere from where a channel begins', async () => {
    const asked = book.acquire('a');
    backplane.openings[0]!.start.resolve({ ...startWith(placed(2)), seq: 9 });
    await asked;
    expect(book.head).toBe(9);
  });

  it('count as memory for as long as somebody follows them', async () => {
    const asked = book.acquire('a');
    backplane.openings[0]!.start.resolve(startWith(placed(1)));
    const log = await asked;
    const kept = keeper.totalBytes;
    expect(kept).toBeGreaterThan(0);
    book.append(placed(2));
    expect(keeper.totalBytes).toBe(2 * kept);
    book.release(log);
    expect(keeper.totalBytes).toBe(0);
  });

  it('that end before it is known what is kept have ended, unless they began again', async () => {
    for (const [newest, ended] of [
      [4, true],
      [5, true],
      [6, false],
    ] as const) {
      const asked = book.acquire('a');
      expect(book.end('a', { seq: 5, tombstoneMs: 1000 })).toBeUndefined();
      backplane.openings.at(-1)!.start.resolve(startWith(placed(newest)));
      const log = await asked;
      expect(log.ended).toBe(ended);
      book.release(log);
    }
  });

  it('that lose something before it is known what is kept have lost it', async () => {
    const asked = book.acquire('a');
    book.append(placed(5));
    book.lose('a', 6);
    book.append(placed(6));
    book.append(placed(7));
    backplane.openings[0]!.start.resolve(startWith(placed(3), placed(4)));
    const log = await asked;
    expect([log.floor, seqsOf(log)]).toEqual([6, [7]]);
  });

  it('that are lost with the whole log have nothing of before, whether they were opened yet or not', async () => {
    const first = book.acquire('a');
    backplane.openings[0]!.start.resolve(startWith(placed(1), placed(2)));
    const a = await first;
    const asked = book.acquire('b');
    backplane.epoch = 'y';
    expect(book.epoch).toBe('x');
    expect(book.rupture(1000)).toEqual([book.ruptures]);
    expect([book.epoch, book.head, book.ruptures!.floor]).toEqual(['y', 1000, 1000]);
    backplane.openings[1]!.start.resolve(startWith(placed(3, 'b')));
    const b = await asked;
    for (const log of [a, b]) expect([log.floor, seqsOf(log)]).toEqual([1000, []]);
    book.append(placed(1001));
    expect(a.oldest?.frame).toBe('id: y-1001\ndata: 1001\n\n');
    expect(book.rupture(900)).toEqual([book.ruptures]);
    expect([book.ruptures!.floor, seqsOf(a)]).toEqual([1000, [1001]]);
  });

  it('keep messages from when they were placed, but none for less long than those that came after it', async () => {
    const asked = book.acquire('a');
    const aged = (seq: number, ageMs: number) => ({ ...placed(seq), ageMs });
    const before = performance.now();
    backplane.openings[0]!.start.resolve(startWith(aged(1, 5000), aged(2, 9000), aged(3, 1000)));
    const log = await asked;
    const [first, second, third] = [0, 1, 2].map((index) => log.at(index)!.at) as [number, number, number];
    expect(first).toBeGreaterThanOrEqual(before - 5000);
    expect(first).toBeLessThanOrEqual(performance.now() - 5000);
    expect(second).toBeGreaterThanOrEqual(first);
    expect(second).toBeLessThan(first + 2);
    expect(third).toBeLessThanOrEqual(performance.now() - 1000);
    expect(third).toBeGreaterThanOrEqual(before - 1000);
  });

  it('that cannot be opened are asked for again by the next one', async () => {
    const asked = [book.acquire('a'), book.acquire('a')];
    backplane.openings[0]!.start.reject(new Error('cannot be reached'));
    for (const each of asked) await expect(each).rejects.toThrow('cannot be reached');
    expect(book.get('a')).toBeUndefined();
    const again = book.acquire('a');
    backplane.openings[1]!.start.resolve(startWith());
    expect((await again).subscribers).toBe(1);
  });
});

describe('channels of a single process', () => {
  let keeper: HistoryKeeper;
  let book: ChannelBook;

  beforeEach(() => {
    const backplane = Object.assign(new Backplane(), { keepsHistory: false, open: () => startWith() });
    keeper = new HistoryKeeper(1e9);
    book = new ChannelBook(
      backplane as SseBackplane,
      new HistoryPolicy({ events: 0, ageMs: AGE_MS }),
      keeper,
      new PlainPositions(),
    );
  });

  /** @returns the log of a channel that had a message of which nothing is kept */
  function quiet(name: string): ChannelLog {
    book.prepare(name);
    const { log } = book.append(placed(1, name))!;
    keeper.retain([log], 1, log.newestAt);
    expect(log.count).toBe(0);
    return log;
  }

  it('are remembered after their last message until time marks tell of it', () => {
    const { newestAt } = quiet('a');
    book.sweep(newestAt + AGE_MS + MARK_MS);
    expect([...book.all()].length).toBe(1);
    book.sweep(newestAt + AGE_MS + MARK_MS + 1);
    expect([...book.all()].length).toBe(0);
  });

  it('have lost what they had when their backplane says that it has missed something', () => {
    book.prepare('a');
    const { log } = book.append(placed(1))!;
    expect(book.rupture(3)).toEqual([log]);
    expect([log.floor, seqsOf(log), book.ruptures]).toEqual([3, [], undefined]);
  });

  it('are remembered for good when everybody follows them', () => {
    const { newestAt } = quiet(BROADCAST);
    book.sweep(newestAt + 1000 * AGE_MS);
    expect([...book.all()].length).toBe(1);
  });
});
