import { describe, expect, it } from '@jest/globals';
import { GRACE_MS, Grace } from './grace.js';

describe('Grace', () => {
  it('needs what the last of those who are spared needs, for a moment', () => {
    const grace = new Grace();
    expect(grace.needed(0)).toBeUndefined();
    const [first, second] = [{ position: 10 }, { position: 5 }];
    expect(grace.spare(first, 0)).toBe(true);
    expect(grace.needed(0)).toEqual({ after: 10, through: Number.POSITIVE_INFINITY });
    grace.endTurn(20);
    expect(grace.spare(second, 500)).toBe(false);
    grace.endTurn(30);
    expect(grace.needed(600)).toEqual({ after: 5, through: 20 });
    first.position = 3;
    expect(grace.needed(600)).toEqual({ after: 3, through: 20 });
    expect(grace.needed(GRACE_MS)).toEqual({ after: 5, through: 30 });
    expect(grace.needed(GRACE_MS + 500)).toBeUndefined();
  });

  it('is over for who has caught up, and says when nobody is left', () => {
    const grace = new Grace();
    const [first, second] = [{ position: 10 }, { position: 5 }];
    grace.spare(first, 0);
    grace.spare(second, 0);
    expect(grace.end(second)).toBe(false);
    expect(grace.needed(1)?.after).toBe(10);
    expect(grace.end(first)).toBe(true);
    expect(grace.end(first)).toBe(false);
  });
});
