import { describe, expect, it } from '@jest/globals';
import { ChannelLog } from './channel-log.js';
import type { Selection } from './collect-entries.js';
import { Cursor } from './cursor.js';
import { PlainPositions } from './plain-positions.js';
import { ReaderGroup } from './reader-group.js';
import { RuptureLog } from './rupture-log.js';

const LOG = { epoch: 'x', positions: new PlainPositions() };

/** A log with these messages, of which all up to `floor` are forgotten. */
function logOf(name: string, seqs: readonly number[], { floor = 0, key }: { floor?: number; key?: string } = {}) {
  const log = new ChannelLog(name, { events: 1, bytes: 1, ageMs: 1 }, 0);
  for (const seq of seqs) log.append(seq, `id: x-${seq}\ndata: ${name}${seq}\n\n`, key, 0);
  while (log.oldest && log.oldest.seq <= floor) log.evict();
  return log;
}

function groupOf(logs: readonly ChannelLog[], selection: Selection = {}): ReaderGroup {
  return new ReaderGroup('', logs, logs, selection);
}

/** What it gets until it has come to the head, each message as its id and its data. */
function read(cursor: Cursor, head: number): string[] {
  let text = '';
  for (let step = cursor.next(head); step; step = cursor.next(head)) {
    text += step.part?.bytes.toString() ?? '';
    cursor.advance(step);
  }
  expect(cursor.position).toBe(head);
  return [...text.matchAll(/(?:id: (\S+)\n)?data: (\S+)\n\n/g)].map(([, id = 'none', data]) => `${id} ${data}`);
}

describe('Cursor', () => {
  it('says in its ids what was told, up to where all that was lost lies behind it', () => {
    const lost = logOf('a', [1, 2, 3, 4, 6], { floor: 4 });
    const cursor = new Cursor(groupOf([lost, logOf('b', [5, 7])]), LOG);
    cursor.moveTo({ position: 2, dealtWith: { logs: new Map([[lost, 5]]), until: 5, ids: 40 } });
    expect([cursor.loss, cursor.id]).toEqual([undefined, 'x-2.40']);
    expect(read(cursor, 7)).toEqual(['x-5 b5', 'x-6 a6', 'x-7 b7']);
    expect([cursor.id, cursor.dealtWith]).toEqual(['x-7', undefined]);
  });

  it('is like any other when it starts behind what was dealt with', () => {
    const log = logOf('a', [4, 5]);
    const cursor = new Cursor(groupOf([log]), LOG);
    cursor.moveTo({ position: 4, dealtWith: { logs: new Map([[log, 4]]), until: 4, ids: 'none' } });
    expect([cursor.id, cursor.dealtWith]).toEqual(['x-4', undefined]);
  });

  it('still knows what was told when it follows a further channel', () => {
    const lost = logOf('a', [1, 2, 3, 4, 7], { floor: 4 });
    const added = logOf('b', [5, 8]);
    const cursor = new Cursor(groupOf([lost]), LOG);
    cursor.moveTo({ position: 2, dealtWith: { logs: new Map([[lost, 4]]), until: 4, ids: 40 } });
    cursor.follow(groupOf([lost, added]), 6);
    expect([cursor.loss, cursor.id]).toEqual([undefined, 'x-2.40']);
    expect(read(cursor, 8)).toEqual(['x-7 a7', 'x-8 b8']);
  });

  it('does not go back on a channel that it has followed from later on', () => {
    const added = logOf('b', [2, 3, 5, 8], { floor: 3 });
    const first = logOf('a', [4, 7]);
    const cursor = new Cursor(groupOf([first]), LOG);
    cursor.moveTo({ position: 1 });
    cursor.follow(groupOf([first, added]), 6);
    cursor.moveTo({ position: 2, dealtWith: { logs: new Map([[added, 3]]), until: 3, ids: 30 } });
    expect(read(cursor, 8).map((each) => each.split(' ')[1])).toEqual(['a4', 'a7', 'b8']);
  });

  it('is told of the worst that has happened to it, and stands in the old log until then', () => {
    const ruptures = new RuptureLog();
    const lost = logOf('a', [1, 2, 3, 9], { floor: 2 });
    const log = { ...LOG };
    const cursor = new Cursor(groupOf([ruptures, lost]), log);
    cursor.moveTo({ position: 1 });
    expect(cursor.loss).toBe('expired');
    ruptures.floor = 2;
    expect(cursor.loss).toBe('restarted');
    cursor.moveTo({ position: 2 });
    expect(cursor.loss).toBeUndefined();
    log.epoch = 'y';
    expect([cursor.loss, cursor.id]).toEqual(['restarted', 'x-2']);
    cursor.moveTo({ position: 8 });
    expect([cursor.loss, cursor.id]).toEqual([undefined, 'y-8']);
  });

  it('gets everything after a snapshot, whatever an earlier one held', () => {
    const log = logOf('a', [1, 2, 3, 4, 5]);
    const cursor = new Cursor(groupOf([log]), LOG);
    cursor.restart({ position: 1, dealtWith: { logs: new Map([[log, 4]]), until: 4, ids: 'none' } }, [log]);
    expect([cursor.holdsIds, cursor.id]).toEqual([true, undefined]);
    cursor.restart({ position: 2 }, [log]);
    expect([cursor.holdsIds, cursor.id]).toEqual([false, 'x-2']);
    expect(read(cursor, 5)).toEqual(['x-3 a3', 'x-4 a4', 'x-5 a5']);
  });

  it('leaves out ids up to the very position from which on they mean the same for all channels', () => {
    const ahead = logOf('a', [3, 5, 6]);
    const other = logOf('b', [4, 7]);
    const cursor = new Cursor(groupOf([ahead, other]), LOG);
    const logs = new Map([
      [ahead, 5],
      [other, 2],
    ]);
    cursor.restart({ position: 2, dealtWith: { logs, until: 5, ids: 'none' } }, [ahead, other]);
    expect(read(cursor, 7)).toEqual(['none b4', 'x-6 a6', 'x-7 b7']);
  });

  it('gets the newest of each key while it is behind, and everything while it is not', () => {
    const first = logOf('a', [2, 3], { key: 'k' });
    const cursor = new Cursor(groupOf([first], { conflateBy: ({ key }) => key }), LOG);
    cursor.moveTo({ position: 0 });
    expect(read(cursor, 3)).toEqual(['x-3 a3']);
    cursor.behind = false;
    const added = logOf('b', [4, 5, 6], { key: 'k' });
    cursor.follow(groupOf([first, added], { conflateBy: ({ key }) => key }), 4);
    expect(read(cursor, 6)).toEqual(['x-5 b5', 'x-6 b6']);
  });
});
