import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MARK_MS, TimeMarks } from './time-marks.js';

describe('TimeMarks', () => {
  it('are the newest position when nothing was published for so long', () => {
    const marks = new TimeMarks();
    expect(marks.positionBefore(0, 1000, 0)).toBe(0);
    marks.note(0, 0);
    expect(marks.positionBefore(100_000, 1000, 7)).toBe(7);
  });

  it('never put a subscriber of the retention period below, nor what is older above', () => {
    const step = fc.record({ wait: fc.nat({ max: 15_000 }), count: fc.integer({ min: 1, max: 4 }) });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.nat({ max: 60_000 }),
        fc.nat({ max: 100_000 }),
        (steps, retentionMs, rest) => {
          const marks = new TimeMarks();
          const publishedAt: number[] = [];
          let now = 0;
          marks.positionBefore(now, retentionMs, 0);
          for (const { wait, count } of steps) {
            now += wait;
            for (let n = 0; n < count; n++) {
              marks.note(now, publishedAt.length);
              publishedAt.push(now);
            }
          }
          now += rest;
          const bound = marks.positionBefore(now, retentionMs, publishedAt.length);
          for (const [index, at] of publishedAt.entries()) {
            const seq = index + 1;
            if (at >= now - retentionMs) expect(seq).toBeGreaterThan(bound);
            if (at < now - retentionMs - MARK_MS) expect(seq).toBeLessThanOrEqual(bound);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('are forgotten when nobody can ask for them any more', () => {
    const marks = new TimeMarks();
    marks.positionBefore(0, 60_000, 0);
    for (let now = 0; now < 100 * 60_000; now += MARK_MS) marks.note(now, now);
    expect(marks.size).toBeLessThanOrEqual(9);
  });
});
