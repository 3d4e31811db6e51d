import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Batch, type BatchLayout, type Placed, type Placement } from './batch.js';
import { NewestPositions } from './newest-positions.js';
import { RedisKeys } from './redis-keys.js';

const LIMITS = { events: 10, ageMs: 1000 };

const placement = fc
  .record({
    channel: fc.constantFrom('', 'a', 'b'),
    entry: fc.string({ unit: fc.constantFrom('x', 'é', '€', '😀') }),
    end: fc.constantFrom('none', 'with a last message', 'alone'),
  })
  .map(({ channel, entry, end }): Placement => {
    const text = end === 'alone' ? undefined : entry;
    const tombstoneMs = end === 'none' ? undefined : 5;
    return { channel, entry: text, bytes: Buffer.byteLength(text ?? ''), limits: LIMITS, tombstoneMs };
  });

function message(channel: string, limits = LIMITS): Placement {
  return { channel, entry: 'x', bytes: 1, limits, tombstoneMs: undefined };
}

function send(batch: Batch, newest = new NewestPositions()): { layout: BatchLayout; messages: Buffer } {
  const args = batch.args({ control: 'control', head: 0, first: 1, newest });
  return { layout: JSON.parse(args[5]!), messages: Buffer.from(args[6]!) };
}

/** As the script numbers them: each run from the next position on; an end without a message takes none here. */
function run({ layout, messages }: ReturnType<typeof send>): { answer: string; order: string[] } {
  const outcomes: string[] = [];
  const order: string[] = [];
  let next = 1;
  let from = 0;
  for (let at = 0; at < layout.runs.length; ) {
    const [channel, tombstone, count] = layout.runs.slice(at, at + 3) as [number, number, number];
    outcomes.push(`${next}`);
    for (const size of layout.runs.slice(at + 3, at + 3 + count)) {
      order.push(`${channel} ${tombstone} ${messages.subarray(from, from + size)}`);
      from += size;
    }
    if (count === 0) order.push(`${channel} ${tombstone} `);
    next += Math.max(count, 1);
    at += 3 + count;
  }
  return { answer: ['epoch', ...outcomes].join(' '), order };
}

describe('a batch', () => {
  it('sends its placements in their order, and tells each its own position', () => {
    fc.assert(
      fc.property(fc.array(placement, { minLength: 1 }), (placements) => {
        const batch = new Batch(1, placements);
        const names = [...new Set(placements.map(({ channel }) => channel))];
        expect(batch.keys(new RedisKeys('p'), 'me').slice(3)).toEqual(names.map((name) => `{p}:c:${name}`));
        const { answer, order } = run(send(batch));
        expect(order).toEqual(
          placements.map(
            ({ channel, entry, tombstoneMs }) => `${names.indexOf(channel) + 1} ${tombstoneMs ?? -1} ${entry ?? ''}`,
          ),
        );
        const settled: [number, Placed, string][] = [];
        batch.read(answer, (...outcome) => settled.push(outcome));
        expect(settled).toEqual(placements.map((_, index) => [index, index + 1, 'epoch']));
      }),
    );
  });

  it('says of each channel which limits it has, and each of those once', () => {
    const batch = new Batch(1, [
      message('a'),
      message('b', { events: 10, ageMs: 999.5 }),
      message('c', { events: 5, ageMs: 1000 }),
    ]);
    const { limits, limitOf } = send(batch).layout;
    expect(limits).toEqual([
      { max: '10', age: 1000 },
      { max: '5', age: 1000 },
    ]);
    expect(limitOf).toEqual([1, 1, 2]);
  });

  it('says which positions it knows, but not of a channel that ends', () => {
    const newest = new NewestPositions();
    newest.set('a', 7);
    newest.set('b', 5);
    newest.set('c', 9);
    const batch = new Batch(1, [message('a'), message('b'), { ...message('b'), tombstoneMs: 0 }, message('d')]);
    expect(send(batch, newest).layout).toMatchObject({ known: ['7', '', ''], oldest: 7, positions: 5 });
    expect(send(new Batch(2, [message('d')]), newest).layout).toMatchObject({ known: [''], oldest: 0 });
  });
});
