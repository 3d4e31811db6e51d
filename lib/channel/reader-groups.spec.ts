import { describe, expect, it } from '@jest/globals';
import { ChannelLog } from './channel-log.js';
import { ReaderGroups } from './reader-groups.js';

const limits = { events: 1, bytes: 1, ageMs: 1 };

describe('ReaderGroups', () => {
  it('are the same for those who can share, and forgotten by their channels when the last one has left', () => {
    const groups = new ReaderGroups();
    const [a, b, all] = ['a', 'b', ''].map((name) => new ChannelLog(name, limits, 0)) as [
      ChannelLog,
      ChannelLog,
      ChannelLog,
    ];
    const group = groups.join([a, b], all, {});
    expect(groups.join([b, a], all, {})).toBe(group);
    for (const log of [a, b, all]) expect([...log.followers]).toEqual([group]);
    groups.leave(group);
    for (const log of [a, b, all]) expect([...log.followers]).toEqual([group]);
    groups.leave(group);
    for (const log of [a, b, all]) expect([...log.followers]).toEqual([]);
    expect(groups.join([a, b], all, {})).not.toBe(group);
  });

  it('follow what they began with, whatever becomes of the list that they were joined with', () => {
    const groups = new ReaderGroups();
    const [a, b] = ['a', 'b'].map((name) => new ChannelLog(name, limits, 0)) as [ChannelLog, ChannelLog];
    const list = [a];
    const group = groups.join(list, undefined, {});
    list.push(b);
    expect([group.channels, group.logs]).toEqual([[a], [a]]);
  });

  it('all follow what everybody does, above all else', () => {
    const everybody = new ChannelLog('', limits, 0);
    const groups = new ReaderGroups(everybody);
    const [a, all] = [new ChannelLog('a', limits, 0), new ChannelLog('', limits, 0)];
    const [none, some] = [groups.join([], undefined, {}), groups.join([a], all, {})];
    expect([none.logs, some.logs, some.channels]).toEqual([[everybody], [everybody, a, all], [a]]);
    expect([...everybody.followers]).toEqual([none, some]);
    groups.leave(none);
    groups.leave(some);
    expect([...everybody.followers]).toEqual([]);
  });

  it('are others for a channel that has ended and begun again', () => {
    const groups = new ReaderGroups();
    const [old, anew] = [new ChannelLog('a', limits, 0), new ChannelLog('a', limits, 5)];
    const before = groups.join([old], undefined, {});
    const after = groups.join([anew], undefined, {});
    expect(after).not.toBe(before);
    groups.leave(before);
    expect([[...old.followers], [...anew.followers], groups.join([anew], undefined, {})]).toEqual([[], [after], after]);
  });
});
