import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { LoopTurn } from '../pusher/loop-turn.js';
import { ChannelLog } from './channel-log.js';
import { FanOut } from './fan-out.js';
import type { GroupReader, LogFollower } from './log-follower.js';

class Group implements LogFollower {
  readonly readers = new Set<GroupReader>();
  flushes = 0;
  readonly offers: { reader: number; turnEnds: boolean }[] = [];

  constructor(log: ChannelLog, readers: number) {
    for (let reader = 0; reader < readers; reader++) {
      this.readers.add({ offer: (_now, turnEnds) => this.offers.push({ reader, turnEnds }) });
    }
    log.addFollower(this);
  }

  beginFlush(): void {
    this.flushes++;
  }

  endFlush(): void {}
}

describe('FanOut', () => {
  let log: ChannelLog;
  let flushed: number[];
  let fanOut: FanOut;
  const source = { head: 0, observer: undefined, flushed: (_logs: unknown, through: number) => flushed.push(through) };

  beforeEach(() => {
    log = new ChannelLog('a', { events: 1, bytes: 1, ageMs: 1 }, 0);
    flushed = [];
    source.head = 0;
    fanOut = new FanOut(new LoopTurn(), source);
  });

  function publish(count = 1, bytes = 100): void {
    for (let n = 0; n < count; n++) {
      source.head++;
      fanOut.changed(log, bytes);
    }
  }

  it('offers what came in a turn once, when it ends', async () => {
    const group = new Group(log, 3);
    publish(10);
    expect(group.offers).toEqual([]);
    await fanOut.settled;
    expect(group.offers).toEqual([0, 1, 2].map((reader) => ({ reader, turnEnds: true })));
    expect(flushed).toEqual([10]);
    await nextTurn();
    expect(group.flushes).toBe(1);
    await fanOut.settled;
  });

  it.each([
    ['many messages', 501, 10],
    ['many bytes', 3, 100_000],
  ])('does not wait for the end of a turn with %s', async (_what, count, bytes) => {
    const group = new Group(log, 2);
    publish(count, bytes);
    expect(group.offers).toEqual([0, 1].map((reader) => ({ reader, turnEnds: false })));
    expect(flushed).toEqual([count]);
    await fanOut.settled;
    expect(group.offers.slice(2)).toEqual([0, 1].map((reader) => ({ reader, turnEnds: true })));
  });

  it('hands the loop back after 256 readers, and takes what comes meanwhile with the next walk', async () => {
    const group = new Group(log, 1000);
    publish();
    const first = fanOut.settled;
    await nextTurn();
    expect(group.offers).toHaveLength(256);
    publish(600);
    const second = fanOut.settled;
    expect(group.offers).toHaveLength(256);
    expect(flushed).toEqual([]);
    await first;
    expect([group.offers.length, flushed]).toEqual([1000, [1]]);
    await second;
    expect([group.offers.length, flushed]).toEqual([2000, [1, 601]]);
    expect(second).not.toBe(first);
  });

  it('counts what one turn brings, not what many do', async () => {
    const group = new Group(log, 2);
    for (let turn = 0; turn < 3; turn++) {
      publish(400, 500);
      await fanOut.settled;
    }
    expect(group.offers.every(({ turnEnds }) => turnEnds)).toBe(true);
  });

  it('does not walk over a large audience within the turn', async () => {
    const group = new Group(log, 257);
    publish(2000);
    expect(group.offers).toEqual([]);
    await fanOut.settled;
    expect(group.offers).toHaveLength(257);
  });

  it('says of nothing that it was offered while a walk over others is not at its end', async () => {
    const group = new Group(log, 600);
    const other = new ChannelLog('b', { events: 1, bytes: 1, ageMs: 1 }, 0);
    const few = new Group(other, 2);
    publish();
    await nextTurn();
    for (let n = 0; n < 600; n++) {
      source.head++;
      fanOut.changed(other, 1);
    }
    expect([flushed, few.offers]).toEqual([[], []]);
    await fanOut.settled;
    expect([flushed, group.offers.length, few.offers.length]).toEqual([[1, 601], 600, 2]);
  });

  it('offers to those who come while it walks, and not to those who leave', async () => {
    const group = new Group(log, 600);
    publish();
    await nextTurn();
    const [, ...others] = group.readers;
    for (const reader of others.slice(500)) group.readers.delete(reader);
    let late = 0;
    group.readers.add({ offer: () => late++ });
    await fanOut.settled;
    expect([group.offers.length, late]).toEqual([501, 1]);
  });

  it('offers once to who follows several channels that have something to say', async () => {
    const other = new ChannelLog('b', { events: 1, bytes: 1, ageMs: 1 }, 0);
    const group = new Group(log, 1);
    other.addFollower(group);
    publish();
    fanOut.changed(other, 1);
    await fanOut.settled;
    expect(group.offers).toHaveLength(1);
    other.removeFollower(group);
    fanOut.changed(other, 1);
    await fanOut.settled;
    expect(group.offers).toHaveLength(1);
  });

  it('has nothing to wait for when nothing came', async () => {
    await fanOut.settled;
    expect(flushed).toEqual([]);
  });
});
