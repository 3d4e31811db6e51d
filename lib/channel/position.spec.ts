import { describe, expect, it } from '@jest/globals';
import { sumOfFloors } from './position.js';

describe('floors of logs', () => {
  it('add up to sums that say whether anything was lost since', () => {
    expect(sumOfFloors([{ floor: 3 }, { floor: 4 }])).toBe(7);
    const high = [{ floor: Number.MAX_SAFE_INTEGER }, { floor: Number.MAX_SAFE_INTEGER - 1 }];
    const higher = [{ floor: Number.MAX_SAFE_INTEGER }, { floor: Number.MAX_SAFE_INTEGER }];
    expect(sumOfFloors(high)).toBeLessThan(2 ** 48); // so many bits an opaque position has for it
    expect(sumOfFloors(higher)).not.toBe(sumOfFloors(high));
  });
});
