import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { collectGarbage, heapInUse } from '../../test/pusher/support/collect-garbage.js';
import { ChannelLog } from './channel-log.js';
import { collectEntries } from './collect-entries.js';
import { HistoryKeeper } from './history-keeper.js';
import { HistoryPolicy } from './history-options.js';

const FRAME_BYTES = 50;

/** A frame of so many bytes. */
function frame(seq: number, bytes = FRAME_BYTES): string {
  const head = `id: x-${seq}\ndata: `;
  return `${head}${'x'.repeat(bytes - head.length - 2)}\n\n`;
}

function seqsOf(log: ChannelLog): number[] {
  const seqs = [];
  for (let index = log.indexAfter(-1); log.at(index); index++) seqs.push(log.at(index)!.seq);
  return seqs;
}

describe('the log of a channel', () => {
  it('keeps what a plain list would, whatever is appended, forgotten and asked for', () => {
    const action = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ append: fc.integer({ min: 1, max: 3 }), bytes: fc.integer({ min: 20, max: 30_000 }) }),
      },
      { weight: 1, arbitrary: fc.record({ takeBack: fc.integer({ min: 1, max: 3 }) }) },
      { weight: 2, arbitrary: fc.record({ evict: fc.integer({ min: 1, max: 4 }) }) },
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), fc.nat({ max: 250 }), (actions, after) => {
        const log = new ChannelLog('a', { events: 1, bytes: 1, ageMs: 1 }, 0);
        let list: { seq: number; text: string }[] = [];
        let seq = 0;
        let floor = 0;
        let gone: typeof list = [];
        for (const each of actions) {
          if ('takeBack' in each) {
            const back = gone.slice(-each.takeBack);
            floor = (back[0]?.seq ?? floor + 1) - 1;
            list = [...back, ...list];
            gone = gone.slice(0, -each.takeBack);
            const formatted = back.map(({ seq: at, text }) => ({ seq: at, frame: text, key: undefined, at: 0 }));
            expect(log.takeBack(formatted, floor).map((entry) => entry.seq)).toEqual(back.map((entry) => entry.seq));
          } else if ('append' in each) {
            seq += each.append;
            list.push({ seq, text: frame(seq, each.bytes) });
            log.append(seq, list.at(-1)!.text, undefined, 0);
          } else {
            for (let n = 0; n < each.evict && list.length > 0; n++) {
              floor = list[0]!.seq;
              gone.push(list[0]!);
              list = list.slice(1);
              log.evict();
            }
          }
          expect([log.floor, log.count, log.bytes]).toEqual([
            floor,
            list.length,
            list.reduce((sum, { text }) => sum + text.length, 0),
          ]);
        }
        expect(seqsOf(log)).toEqual(list.map((entry) => entry.seq));
        const newer = list.filter((entry) => entry.seq > after);
        const newerBytes = newer.reduce((sum, entry) => sum + entry.text.length, 0);
        expect(log.sizeAfter(after)).toEqual({ count: newer.length, bytes: newerBytes });
        // Slice after slice gives everything that comes after a position, in writes that are not too large.
        let text = '';
        let position = after;
        for (let slice = log.sliceAfter(position); slice; slice = log.sliceAfter(position)) {
          expect(slice.first).toBeGreaterThan(position);
          expect(slice.part.bytes.length <= 64 * 1024 || slice.first === slice.last).toBe(true);
          text += slice.part.bytes.toString();
          position = slice.last;
        }
        expect(text).toBe(newer.map((entry) => entry.text).join(''));
      }),
      { numRuns: 300 },
    );
  });

  it('takes back what it had forgotten as no younger than what came after it', () => {
    const log = new ChannelLog('a', { events: 1, bytes: 1, ageMs: 1 }, 0);
    log.append(5, frame(5), undefined, 70);
    const back = [2, 3, 4].map((seq) => ({ seq, frame: frame(seq), key: `${seq}`, at: { 2: 50, 3: 40, 4: 90 }[seq]! }));
    log.takeBack(back, 1);
    expect([0, 1, 2, 3].map((index) => log.at(index)!.at)).toEqual([40, 40, 70, 70]);
    expect([log.floor, log.oldest?.key]).toEqual([1, '2']);
  });

  it('does not move its messages for each that it forgets', () => {
    const log = new ChannelLog('a', { events: 1, bytes: 1, ageMs: 1 }, 0);
    for (let seq = 1; seq <= 100_000; seq++) {
      log.append(seq, frame(seq), undefined, 0);
      if (seq > 1000) log.evict();
    }
    expect(seqsOf(log)).toEqual(Array.from({ length: 1000 }, (_, n) => 99_001 + n));
  });

  it('holds nothing of the writes that it has forgotten', async () => {
    const log = new ChannelLog('a', { events: 1, bytes: 1, ageMs: 1 }, 0);
    const text = frame(1, 40_000);
    log.append(1, text, undefined, 0);
    let before = 0;
    let slices = 0;
    for (let seq = 2; seq <= 5000; seq++) {
      log.append(seq, text, undefined, 0);
      slices += log.sliceAfter(seq - 2)?.last === seq - 1 ? 1 : 0;
      log.evict();
      if (seq % 100 === 0) await nextTurn();
      if (seq === 1000) before = await heapInUse();
    }
    expect((await heapInUse()) - before).toBeLessThan(500_000);
    expect(slices).toBe(4999);
  });
});

describe('the bounds of history', () => {
  it('hold all at once: count, bytes and age, each by itself the strictest', () => {
    const setup = fc.record({
      events: fc.integer({ min: 0, max: 12 }),
      bytes: fc.integer({ min: 0, max: 12 * FRAME_BYTES }),
      ageMs: fc.integer({ min: 0, max: 120 }),
    });
    fc.assert(
      fc.property(setup, fc.array(fc.nat({ max: 30 }), { maxLength: 40 }), (limits, waits) => {
        const keeper = new HistoryKeeper(1e9);
        const log = new ChannelLog('a', limits, 0);
        let now = 0;
        const at: number[] = [];
        for (const wait of waits) {
          now += wait;
          at.push(now);
          keeper.added(log.append(at.length, frame(at.length), undefined, now));
          keeper.retain([log], at.length, now);
        }
        const most = Math.min(limits.events, Math.floor(limits.bytes / FRAME_BYTES));
        const expected = at
          .map((_, n) => n + 1)
          .slice(at.length - Math.min(most, at.length))
          .filter((seq) => now - at[seq - 1]! < limits.ageMs);
        expect(seqsOf(log)).toEqual(expected);
        keeper.sweep(at.length, now + limits.ageMs);
        expect(seqsOf(log)).toEqual([]);
        expect(keeper.totalBytes).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it('spare what was not offered to everybody yet', () => {
    const keeper = new HistoryKeeper(0);
    const log = new ChannelLog('a', { events: 0, bytes: 0, ageMs: 0 }, 0);
    for (let seq = 1; seq <= 5; seq++) keeper.added(log.append(seq, frame(seq), undefined, 0));
    keeper.retain([log], 3, 1000);
    expect([seqsOf(log), log.floor]).toEqual([[4, 5], 3]);
    keeper.sweep(4, 1000);
    expect(seqsOf(log)).toEqual([5]);
    keeper.retain([log], 5, 1000);
    expect(seqsOf(log)).toEqual([]);
  });

  it('of all channels together take from those that have been quiet for the longest', () => {
    const keeper = new HistoryKeeper(10 * (FRAME_BYTES + 200));
    const logs = ['a', 'b', 'c'].map((name) => new ChannelLog(name, { events: 100, bytes: 1e6, ageMs: 1e6 }, 0));
    let seq = 0;
    const publish = (log: ChannelLog, count: number) => {
      for (let n = 0; n < count; n++) {
        seq++;
        keeper.added(log.append(seq, frame(seq), undefined, 0));
        keeper.retain([log], seq, 0);
      }
    };
    const [a, b, c] = logs as [ChannelLog, ChannelLog, ChannelLog];
    publish(a, 4);
    publish(b, 4);
    publish(a, 1);
    publish(c, 3);
    expect(logs.map((log) => log.count)).toEqual([5, 2, 3]);
    publish(c, 4);
    expect(logs.map((log) => log.count)).toEqual([3, 0, 7]);
    expect(keeper.totalBytes).toBe(10 * (FRAME_BYTES + 200));
    keeper.forget(a);
    expect([a.count, keeper.totalBytes]).toEqual([0, 7 * (FRAME_BYTES + 200)]);
  });

  it('count the memory of a text that is not all ASCII twice, as the engine may store it', () => {
    const keeper = new HistoryKeeper(1e9);
    const log = new ChannelLog('a', { events: 100, bytes: 1e6, ageMs: 1e6 }, 0);
    keeper.added(log.append(1, 'ü'.repeat(100), undefined, 0));
    expect(keeper.totalBytes).toBe(400);
    keeper.added(log.append(2, 'u'.repeat(100), undefined, 0));
    expect(keeper.totalBytes).toBe(400 + 300);
  });

  it('of all channels together are applied later to what could not be forgotten at first', () => {
    const keeper = new HistoryKeeper(2 * (FRAME_BYTES + 200));
    const log = new ChannelLog('a', { events: 100, bytes: 1e6, ageMs: 1e6 }, 0);
    for (let seq = 1; seq <= 5; seq++) keeper.added(log.append(seq, frame(seq), undefined, 0));
    keeper.retain([log], 0, 0);
    expect(seqsOf(log)).toEqual([1, 2, 3, 4, 5]);
    keeper.sweep(5, 0);
    expect(seqsOf(log)).toEqual([4, 5]);
  });

  it('know all that a message keeps: what was parsed of it is not kept', async () => {
    const log = new ChannelLog('a', { events: 100, bytes: 1e6, ageMs: 1e6 }, 0);
    const entry = log.append(1, frame(1), undefined, 0);
    expect(entry.parsedFor('a')).toBe(entry.parsedFor('a'));
    const parsed = new WeakRef(entry.parsedFor('a'));
    await collectGarbage();
    expect(parsed.deref()).toBeUndefined();
    expect(entry.parsedFor('a').data).toMatch(/^x+$/);
  });

  it('can differ per channel', () => {
    const policy = new HistoryPolicy({
      events: 5,
      perChannel: (name) => (name === 'none' ? false : name === 'big' ? { bytes: 7 } : undefined),
    });
    expect(policy.limitsOf('any')).toEqual({ events: 5, bytes: 1024 * 1024, ageMs: 300_000 });
    expect(policy.limitsOf('none')).toMatchObject({ events: 0 });
    expect(policy.limitsOf('big')).toEqual({ events: 5, bytes: 7, ageMs: 300_000 });
    expect(new HistoryPolicy(false).limitsOf('any')).toMatchObject({ events: 0, ageMs: 300_000 });
    expect(new HistoryPolicy({ totalBytes: 3 }).totalBytes).toBe(3);
  });
});

describe('messages of several logs', () => {
  it('come in the order of their positions, as a sorted list would have them, in parts of any size', () => {
    const placed = fc.array(fc.nat({ max: 3 }), { maxLength: 60 });
    fc.assert(
      fc.property(
        placed,
        fc.nat({ max: 60 }),
        fc.integer({ min: 0, max: 400 }),
        fc.array(fc.nat({ max: 70 }), { minLength: 4, maxLength: 4 }),
        (owners, after, maxBytes, dealt) => {
          const logs = Array.from(
            { length: 4 },
            (_, n) => new ChannelLog(`${n}`, { events: 1, bytes: 1, ageMs: 1 }, 0),
          );
          for (const [index, owner] of owners.entries())
            logs[owner]!.append(index + 1, frame(index + 1), `${index % 3}`, 0);
          const dealtWith = new Map(logs.map((log, n) => [log, dealt[n]!]));
          const wanted = owners
            .map((_, index) => index + 1)
            .filter((seq) => seq > after && seq > dealt[owners[seq - 1]!]! && seq % 5 !== 0);
          const filter = ({ data }: { data: string }) => data !== undefined;
          const seqs: number[] = [];
          let position = after;
          const through = Math.max(after, owners.length);
          while (position < through) {
            const range = { logs, after: position, through, maxBytes, dealtWith };
            const part = collectEntries(range, {
              filter: (message) => filter(message) && seqOf(message.channel, logs, message) % 5 !== 0,
            });
            seqs.push(...part.entries.map(({ seq }) => seq));
            expect(part.entries.length <= 1 || part.entries.length * FRAME_BYTES <= maxBytes).toBe(true);
            expect(part.through).toBeGreaterThan(position);
            position = part.through;
          }
          expect(seqs).toEqual(wanted);
        },
      ),
      { numRuns: 300 },
    );
  });

  /** Which message it is that a filter is shown. */
  function seqOf(channel: string, logs: ChannelLog[], message: object): number {
    const log = logs[Number(channel)]!;
    for (let index = log.indexAfter(-1); ; index++) {
      if (log.at(index)!.parsedFor(channel) === message) return log.at(index)!.seq;
    }
  }

  it('are conflated to the newest of each key of each channel', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ owner: fc.nat({ max: 1 }), key: fc.option(fc.nat({ max: 2 }), { nil: undefined }) }), {
          maxLength: 40,
        }),
        (messages) => {
          const logs = [0, 1].map((n) => new ChannelLog(`${n}`, { events: 1, bytes: 1, ageMs: 1 }, 0));
          for (const [index, { owner, key }] of messages.entries()) {
            logs[owner]!.append(index + 1, frame(index + 1), key === undefined ? undefined : `${key}`, 0);
          }
          const range = { logs, after: 0, through: messages.length, maxBytes: Number.POSITIVE_INFINITY };
          const { entries } = collectEntries(range, { conflateBy: ({ key }) => key });
          const expected = messages.flatMap(({ owner, key }, index) => {
            const isOvertaken =
              key !== undefined &&
              messages.slice(index + 1).some((later) => later.owner === owner && later.key === key);
            return isOvertaken ? [] : [index + 1];
          });
          expect(entries.map(({ seq }) => seq)).toEqual(expected);
        },
      ),
    );
  });
});
