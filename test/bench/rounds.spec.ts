import { describe, expect, it } from '@jest/globals';
import { interleavedRounds } from '../../bench/suite/rounds.mjs';

const ROLES = { a: 'ours', b: 'peer', c: 'floor' } as const;

describe('interleaved rounds', () => {
  it('run every subject once each, in an order that turns', async () => {
    const order: string[] = [];
    await interleavedRounds(ROLES, { rounds: 2, warmUp: 1 }, async (name) => {
      order.push(name);
      return {};
    });
    expect(order.join('')).toBe('abcbcacab');
  });

  it('keep the figures of each subject by round, without those that warm up', async () => {
    const counts: Record<string, number> = { a: 0, b: 10, c: 20 };
    const subjects = await interleavedRounds(ROLES, { rounds: 2, warmUp: 1 }, async (name) => {
      counts[name] = Number(counts[name]) + 1;
      return { n: Number(counts[name]) };
    });
    expect(subjects).toEqual({
      a: { role: 'ours', rounds: [{ n: 2 }, { n: 3 }] },
      b: { role: 'peer', rounds: [{ n: 12 }, { n: 13 }] },
      c: { role: 'floor', rounds: [{ n: 22 }, { n: 23 }] },
    });
  });

  it('say to each subject once that it is the first time', async () => {
    const first: string[] = [];
    await interleavedRounds(ROLES, { rounds: 2, warmUp: 0 }, async (name, isFirst) => {
      if (isFirst) first.push(name);
      return {};
    });
    expect(first).toEqual(['a', 'b', 'c']);
  });

  it('end with the first failure', async () => {
    const failing = interleavedRounds(ROLES, { rounds: 1, warmUp: 0 }, async (name) => {
      throw new Error(`${name} gives other messages`);
    });
    await expect(failing).rejects.toThrow('a gives other messages');
  });
});
