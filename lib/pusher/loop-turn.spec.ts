import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { LoopTurn } from './loop-turn.js';

describe('LoopTurn', () => {
  it('flushes whoever has asked at the end of the turn, in order, once', async () => {
    const turn = new LoopTurn();
    const flushed: string[] = [];
    const target = (name: string) => ({ flush: () => flushed.push(name) });
    turn.flushAtEnd(target('a'));
    turn.flushAtEnd(target('b'));
    await Promise.resolve();
    expect(flushed).toEqual([]);
    await setImmediate();
    expect(flushed).toEqual(['a', 'b']);
    await setImmediate();
    expect(flushed).toEqual(['a', 'b']);
  });

  it('leaves what is asked for while flushing to the next turn', async () => {
    const turn = new LoopTurn();
    let flushes = 0;
    const again = {
      flush() {
        flushes++;
        if (flushes < 3) {
          turn.flushAtEnd(again);
        }
      },
    };
    turn.flushAtEnd(again);
    await setImmediate();
    expect(flushes).toBe(1);
    await setImmediate();
    expect(flushes).toBe(2);
    await setImmediate();
    await setImmediate();
    expect(flushes).toBe(3);
  });
});
