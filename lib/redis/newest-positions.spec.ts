import { expect, it } from '@jest/globals';
import { NewestPositions } from './newest-positions.js';

it('remembers at least the thousands of channels that were published to last, and no end of others', () => {
  const newest = new NewestPositions();
  for (let n = 1; n <= 50_000; n++) newest.set(`channel ${n}`, n);
  const known = Array.from({ length: 50_000 }, (_, n) => newest.get(`channel ${n + 1}`)).filter(Boolean);
  expect(known.slice(-8192)).toEqual(Array.from({ length: 8192 }, (_, n) => 50_000 - 8191 + n));
  expect(known.length).toBeLessThanOrEqual(2 * 8192);
  expect(newest.newest).toBe(50_000);
});

it('has the newest of a channel, wherever it was remembered before', () => {
  const newest = new NewestPositions();
  newest.set('a', 1);
  for (let n = 2; n <= 10_000; n++) newest.set(`channel ${n}`, n);
  expect(newest.get('a')).toBe(1);
  newest.set('a', 10_001);
  expect(newest.get('a')).toBe(10_001);
});
