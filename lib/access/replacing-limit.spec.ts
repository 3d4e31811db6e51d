import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { heapInUse } from '../../test/pusher/support/collect-garbage.js';
import type { ManagedStream } from '../pusher/internal.js';
import { ReplacingLimit } from './replacing-limit.js';

/** A stream whose peer never reads: it closes when it is ended, and is gone only when it is cut off. */
class StuckStream {
  readonly info: { keys: Record<string, string> };
  readonly told: string[] = [];

  constructor(
    readonly name: string,
    private readonly limit: ReplacingLimit,
    user = 'ann',
  ) {
    this.info = { keys: { user } };
    limit.created(this.asManaged);
  }

  get asManaged(): ManagedStream {
    return this as unknown as ManagedStream;
  }

  open(): this {
    this.limit.opened(this.asManaged);
    return this;
  }

  end(reason: string, frames: readonly string[]): void {
    this.told.push(`ended as ${reason}: ${frames.join('')}`);
    // As an EventStream does: one whose head is held opens, to be told of its end.
    this.limit.opened(this.asManaged);
    this.close();
  }

  close(): void {
    this.limit.closed(this.asManaged);
  }

  destroy(reason: string): void {
    this.told.push(`cut off as ${reason}`);
    this.leave();
  }

  leave(): void {
    this.limit.gone(this.asManaged);
  }
}

const REPLACED = 'ended as replaced: id: ~replaced\nevent: moved\ndata: {"per":"user","max":2}\n\n';
const ANN = { user: 'ann' };

describe('ReplacingLimit', () => {
  let ledger: { refusing: boolean };
  let limit: ReplacingLimit;

  beforeEach(() => {
    ledger = { refusing: false };
    limit = new ReplacingLimit('user', 2, 'moved', ledger);
  });

  const stream = (name: string, user?: string) => new StuckStream(name, limit, user);

  it('ends the one that has been open for longest, when one too many opens, and not before', () => {
    const [first, second] = [stream('1').open(), stream('2').open()];
    limit.makeRoom(ANN);
    const third = stream('3');
    expect(first.told).toEqual([]);
    third.open();
    expect(first.told).toEqual([REPLACED]);
    expect([second.told, third.told]).toEqual([[], []]);
  });

  it('goes by when they have opened, for that is who replaces whom', () => {
    const slow = stream('slow');
    const [quick, other] = [stream('quick').open(), stream('other').open()];
    slow.open();
    expect([slow.told, quick.told, other.told]).toEqual([[], [REPLACED], []]);
  });

  it('leaves the streams of others alone, and those of nobody', () => {
    const others = [stream('b', 'bob').open(), new StuckStream('-', limit, undefined).open()];
    const nobodys = new StuckStream('nobody', limit);
    nobodys.info.keys = {};
    limit.created(nobodys.asManaged);
    for (let n = 0; n < 5; n++) {
      limit.makeRoom({});
      limit.makeRoom({ user: 'never seen' });
    }
    nobodys.open().close();
    nobodys.leave();
    expect([...others, nobodys].flatMap(({ told }) => told)).toEqual([]);
  });

  it('has room again when one has left', () => {
    const first = stream('1').open();
    const second = stream('2').open();
    first.leave();
    stream('3').open();
    expect(second.told).toEqual([]);
  });

  it('bounds those whose head is still held: the oldest is told, and ends no open one on its way', () => {
    const open = [stream('1').open(), stream('2').open()];
    const held = [stream('3'), stream('4')];
    limit.makeRoom(ANN);
    stream('5');
    expect(held.map(({ told }) => told)).toEqual([[REPLACED], []]);
    expect(open.flatMap(({ told }) => told)).toEqual([]);
  });

  it('cuts off the oldest of those that have not taken their end by the next turn', async () => {
    const all = Array.from({ length: 7 }, (_, n) => stream(String(n)).open());
    const cut = 'cut off as replaced';
    expect(all.flatMap(({ told }) => told)).toEqual(Array(5).fill(REPLACED));
    await nextTurn();
    expect(all.map(({ told }) => told)).toEqual([
      [REPLACED, cut],
      [REPLACED, cut],
      [REPLACED, cut],
      [REPLACED],
      [REPLACED],
      [],
      [],
    ]);
  });

  it('counts those among them that have ended by themselves', async () => {
    const ended = Array.from({ length: 3 }, (_, n) => {
      const each = stream(String(n)).open();
      each.close();
      return each;
    });
    await nextTurn();
    expect(ended.map(({ told }) => told)).toEqual([['cut off as replaced'], [], []]);
  });

  it('cuts nobody off who is gone by then', async () => {
    const gone = Array.from({ length: 4 }, (_, n) => {
      const each = stream(String(n)).open();
      each.close();
      return each;
    });
    for (const each of gone) {
      each.leave();
    }
    await nextTurn();
    expect(gone.flatMap(({ told }) => told)).toEqual([]);
  });

  it('keeps nothing of users who have left', async () => {
    const before = await heapInUse();
    for (let n = 0; n < 50_000; n++) {
      stream('only', `user ${n}`).open().leave();
    }
    expect((await heapInUse()) - before).toBeLessThan(5e6);
  });

  it('ends nobody while the application closes, which ends everybody', async () => {
    const all = Array.from({ length: 2 }, (_, n) => stream(String(n)).open());
    const held = [stream('2'), stream('3'), stream('4')];
    ledger.refusing = true;
    limit.makeRoom(ANN);
    for (const each of held) {
      each.open();
    }
    for (const each of [...all, ...held]) {
      each.close();
    }
    await nextTurn();
    expect([...all, ...held].flatMap(({ told }) => told)).toEqual([]);
  });
});
