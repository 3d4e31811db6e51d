import { describe, expect, it } from '@jest/globals';
import { Tombstones } from './tombstones.js';

describe('Tombstones', () => {
  it('are found for their time, with what is left of it', () => {
    const tombstones = new Tombstones();
    tombstones.add('a', { seq: 5, tombstoneMs: 1000 }, 100);
    expect(tombstones.find('a', 100)).toEqual({ seq: 5, tombstoneMs: 1000 });
    expect(tombstones.find('a', 1099)).toEqual({ seq: 5, tombstoneMs: 1 });
    expect(tombstones.find('a', 1100)).toBeUndefined();
    expect(tombstones.find('b', 100)).toBeUndefined();
    tombstones.add('b', { seq: 5, tombstoneMs: 0 }, 100);
    expect(tombstones.find('b', 100)).toBeUndefined();
  });

  it('do not pile up', () => {
    const tombstones = new Tombstones();
    for (let now = 0; now < 100_000; now += 10) tombstones.add(`job ${now}`, { seq: now, tombstoneMs: 1000 }, now);
    expect(tombstones.size).toBeLessThan(1200);
  });
});
