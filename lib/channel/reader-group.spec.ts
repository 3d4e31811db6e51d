import { describe, expect, it } from '@jest/globals';
import { ChannelLog } from './channel-log.js';
import { ReaderGroup } from './reader-group.js';

function logOf(name: string, ...seqs: number[]): ChannelLog {
  const log = new ChannelLog(name, { events: 1, bytes: 1, ageMs: 1 }, 0);
  for (const seq of seqs) log.append(seq, `id: x-${seq}\ndata: ${name}${seq}\n\n`, undefined, 0);
  return log;
}

describe('ReaderGroup', () => {
  it('gives those what they share within a flush who miss the same, and nobody what it has already', () => {
    const log = logOf('a', 6, 8);
    const group = new ReaderGroup('', [log], [log], {});
    group.beginFlush();
    const step = group.stepAfter(3, 9);
    expect(step).toMatchObject({ lastId: 8, through: 9 });
    for (const position of [4, 5]) expect(group.stepAfter(position, 9)).toBe(step);
    for (const position of [6, 7])
      expect(group.stepAfter(position, 9)?.part?.bytes.toString()).toBe('id: x-8\ndata: a8\n\n');
    group.endFlush();
    expect(group.stepAfter(9, 9)).toBeUndefined();
  });
});
