import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Deferred, deferred } from '../../test/pusher/support/deferred.js';
import type { ChannelStart, PlacedMessage } from './backplane.js';
import { ChannelBook } from './channel-book.js';
import type { ChannelLog } from './channel-log.js';
import { HistoryKeeper } from './history-keeper.js';
import { HistoryPolicy } from './history-options.js';
import { Inquiry } from './inquiry.js';
import { MemoryBackplane } from './memory-backplane.js';
import { PlainPositions } from './plain-positions.js';

/** Room for two messages, with what they cost beside their text. */
const TOTAL_BYTES = 2 * 220;

function placed(seq: number): PlacedMessage {
  return { channel: 'a', seq, body: `data: ${seq}\n\n`, key: undefined };
}

function startWith(floor: number, ...seqs: number[]): ChannelStart {
  const messages = seqs.map((seq) => ({ ...placed(seq), ageMs: 1000 * (100 - seq) }));
  return { floor, seq: 10, messages, end: undefined };
}

function seqsOf(log: ChannelLog): number[] {
  const seqs = [];
  for (let index = log.indexAfter(0); log.at(index); index++) seqs.push(log.at(index)!.seq);
  return seqs;
}

describe('a position that cannot be judged', () => {
  let reads: Deferred<ChannelStart>[];
  let syncs: number;
  let keeper: HistoryKeeper;
  let book: ChannelBook;
  let inquiry: Inquiry;
  let log: ChannelLog;

  beforeEach(async () => {
    reads = [];
    syncs = 0;
    const backplane = Object.assign(new MemoryBackplane(), {
      epoch: 'x',
      keepsHistory: true,
      open: () => {
        reads.push(deferred<ChannelStart>());
        return reads.at(-1)!.promise;
      },
      sync: () => {
        syncs++;
      },
    });
    keeper = new HistoryKeeper(TOTAL_BYTES);
    book = new ChannelBook(backplane, new HistoryPolicy(), keeper, new PlainPositions());
    inquiry = new Inquiry(backplane, book, keeper);
    const opened = book.acquire('a');
    reads[0]!.resolve({ floor: 0, seq: 0, messages: [], end: undefined });
    log = await opened;
    for (const seq of [2, 4, 6, 8, 10]) book.append(placed(seq));
    keeper.retain([log], 10, performance.now());
    expect([log.floor, seqsOf(log)]).toEqual([6, [8, 10]]);
  });

  it('is asked for when it is of another log, or ahead, and not when it is none', async () => {
    await inquiry.about('y-3', [log]);
    await inquiry.about('x-11', [log]);
    expect(syncs).toBe(2);
    for (const id of ['x-10', 'x-6', 'nonsense', null]) expect(inquiry.about(id, [log])).toBeUndefined();
    expect([syncs, reads.length]).toEqual([2, 1]);
  });

  it('is read for once, and what was forgotten is there again as it was', async () => {
    const asked = [inquiry.about('x-3', [log]), inquiry.about('x-2', [log])];
    expect(reads).toHaveLength(2);
    const before = performance.now();
    reads[1]!.resolve(startWith(2, 4, 6, 8, 10));
    await Promise.all(asked);
    expect([log.floor, seqsOf(log), keeper.isShortened(log)]).toEqual([2, [4, 6, 8, 10], false]);
    expect(log.oldest!.at).toBeGreaterThanOrEqual(before - 96_000);
    expect(log.oldest!.at).toBeLessThanOrEqual(performance.now() - 96_000);
    expect(log.oldest!.frame).toBe('id: x-4\ndata: 4\n\n');
    expect(inquiry.about('x-1', [log])).toBeUndefined();
    keeper.retain([log], 10, performance.now());
    expect([log.floor, seqsOf(log), keeper.isShortened(log)]).toEqual([6, [8, 10], true]);
  });

  it.each<[string, ChannelStart, () => void, number]>([
    ['the channel has lost something since', startWith(0, 2, 4, 6, 8, 10), () => book.lose('a', 7), 7],
    [
      'more was forgotten since than had been read',
      { ...startWith(0, 2, 4, 6, 8, 10), seq: 10 },
      () => {
        book.append(placed(12));
        keeper.forget(log, 12);
      },
      12,
    ],
    ['even less is kept there', startWith(7, 8, 10), () => {}, 6],
    ['it has ended', startWith(0, 2, 4, 6, 8, 10), () => book.end('a', { seq: 10, tombstoneMs: 1000 }), 6],
    ['nobody follows it any more', startWith(0, 2, 4, 6), () => book.release(log), 10],
  ])('gets nothing back when %s', async (_why, start, meanwhile, floor) => {
    const asked = inquiry.about('x-3', [log]);
    meanwhile();
    reads[1]!.resolve(start);
    await asked;
    expect(log.floor).toBe(floor);
    expect(seqsOf(log).every((seq) => seq > 6)).toBe(true);
  });

  it('is asked for again by the next one when there was no answer', async () => {
    const asked = inquiry.about('x-3', [log]);
    reads[1]!.reject(new Error('no answer'));
    await asked;
    const again = inquiry.about('x-3', [log]);
    reads[2]!.resolve(startWith(0, 2, 4, 6, 8, 10));
    await again;
    expect([log.floor, seqsOf(log)]).toEqual([0, [2, 4, 6, 8, 10]]);
  });
});
