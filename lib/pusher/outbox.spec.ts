import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Outbox, WRITE_BYTES } from './outbox.js';

function add(outbox: Outbox, frame: string): void {
  outbox.add(frame, Buffer.byteLength(frame));
}

function takeAll(outbox: Outbox): Buffer[] {
  const batches: Buffer[] = [];
  while (outbox.bytes > 0) {
    batches.push(outbox.take().bytes);
  }
  return batches;
}

describe('Outbox', () => {
  it('joins frames, and has nothing left when they were taken', () => {
    const outbox = new Outbox();
    add(outbox, 'data: ü\n\n');
    add(outbox, ': ping\n\n');
    expect(outbox.bytes).toBe(18);
    expect(outbox.take().bytes.toString()).toBe('data: ü\n\n: ping\n\n');
    expect(outbox.bytes).toBe(0);
  });

  it('starts a new batch rather than let one exceed the size of a write', () => {
    const outbox = new Outbox();
    add(outbox, 'a'.repeat(WRITE_BYTES - 1));
    add(outbox, 'b');
    add(outbox, 'c');
    expect(takeAll(outbox).map(({ length }) => length)).toEqual([WRITE_BYTES, 1]);
  });

  it('gives a frame that is larger than a write by itself', () => {
    const outbox = new Outbox();
    add(outbox, 'a');
    add(outbox, 'b'.repeat(WRITE_BYTES * 3));
    add(outbox, 'c');
    expect(takeAll(outbox).map(({ length }) => length)).toEqual([1, WRITE_BYTES * 3, 1]);
  });

  it('gives back exactly what came in, in order, whenever it is taken', () => {
    const frame = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 2 * WRITE_BYTES }).map((length) => 'x'.repeat(length)),
    );
    const step = fc.oneof({ arbitrary: frame, weight: 4 }, { arbitrary: fc.constant(undefined), weight: 1 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const outbox = new Outbox();
        const out: Buffer[] = [];
        let waiting = 0;
        for (const added of steps) {
          if (added === undefined) {
            const batch = waiting > 0 ? outbox.take().bytes : Buffer.alloc(0);
            waiting -= batch.length;
            out.push(batch);
          } else {
            add(outbox, added);
            waiting += Buffer.byteLength(added);
          }
          expect(outbox.bytes).toBe(waiting);
        }
        out.push(...takeAll(outbox));
        expect(Buffer.concat(out).toString()).toBe(steps.join(''));
      }),
    );
  });
});
