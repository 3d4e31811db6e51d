import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Deferred, deferred } from '../../test/pusher/support/deferred.js';
import type { ChannelStart, PlacedMessage, SseBackplane } from './backplane.js';
import { ChannelBook } from './channel-book.js';
import type { ChannelLog } from './channel-log.js';
import { BROADCAST } from './channel-name.js';
import { HistoryKeeper } from './history-keeper.js';
import { HistoryPolicy } from './history-options.js';
import { MARK_MS } from './time-marks.js';

const AGE_MS = 60_000;

/** Answers what it is asked to open when the test says so. */
class Backplane implements SseBackplane {
  readonly epoch = 'x';
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
    book = new ChannelBook(backplane, new HistoryPolicy(), keeper);
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
    book = new ChannelBook(backplane as SseBackplane, new HistoryPolicy({ events: 0, ageMs: AGE_MS }), keeper);
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
    expect(book.size).toBe(1);
    book.sweep(newestAt + AGE_MS + MARK_MS + 1);
    expect(book.size).toBe(0);
  });

  it('are remembered for good when everybody follows them', () => {
    const { newestAt } = quiet(BROADCAST);
    book.sweep(newestAt + 1000 * AGE_MS);
    expect(book.size).toBe(1);
  });
});
