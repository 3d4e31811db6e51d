import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseAnnouncement } from './announcement.js';
import { Batch, type Placement } from './batch.js';
import { formatEntry, parseEntries } from './entry-text.js';
import { RedisKeys } from './redis-keys.js';

const line = fc.string({ unit: 'binary', minLength: 1 }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, ' ')}`);
/** A frame may hold nothing but the blank line that ends it. */
const body = fc.array(line).map((lines) => `${lines.map((each) => `${each}\n`).join('')}\n`);
const message = fc.record({
  channel: fc.constant('a'),
  key: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
  body,
});

describe('what is stored of messages', () => {
  it('is read as it was written, however many stand one after another', () => {
    fc.assert(
      fc.property(fc.array(message), (messages) => {
        const written = messages.map(formatEntry).join('');
        expect(parseEntries(written)).toEqual(messages.map(({ key, body }) => ({ key, body })));
      }),
    );
  });

  it('is refused when it is cut off', () => {
    fc.assert(
      fc.property(message, fc.nat(), (one, at) => {
        const written = formatEntry(one);
        expect(() => parseEntries(written.slice(0, 1 + (at % (written.length - 1))))).toThrow();
      }),
    );
  });

  it('is announced with its positions', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1 }), fc.maxSafeNat(), fc.maxSafeNat(), (messages, before, first) => {
        const announced = parseAnnouncement(`m${before} ${first}\n${messages.map(formatEntry).join('')}`);
        const entries = messages.map(({ key, body }) => ({ key, body }));
        expect(announced).toEqual({ kind: 'messages', before, first, entries });
      }),
    );
  });
});

describe('a batch', () => {
  const placement = fc.record({
    channel: fc.constantFrom('', 'a', 'b'),
    entry: message.map(formatEntry),
    end: fc.constantFrom('none', 'with a last message', 'alone'),
  });

  /** As the script numbers them: each run from the next position on; an end without a message takes none here. */
  const run = (args: readonly string[], channels: number) => {
    const outcomes: string[] = [];
    const order: string[] = [];
    let next = 1;
    for (let at = 4 + 2 * channels; at < args.length; ) {
      const count = Number(args[at + 2]);
      outcomes.push(`${next}`);
      for (let n = 0; n < Math.max(count, 1); n++) order.push(`${args[at]} ${args[at + 1]} ${args[at + 3 + n] ?? ''}`);
      if (count === 0) order.splice(-1, 1, `${args[at]} ${args[at + 1]} `);
      next += Math.max(count, 1);
      at += 3 + count;
    }
    return { answer: ['epoch', ...outcomes].join(' '), order };
  };

  it('sends its placements in their order, and tells each its own position', () => {
    fc.assert(
      fc.property(fc.array(placement, { minLength: 1 }), (parts) => {
        const placements: Placement[] = parts.map(({ channel, entry, end }) => ({
          channel,
          entry: end === 'alone' ? undefined : entry,
          bytes: 1,
          limits: { events: 1, ageMs: 1 },
          tombstoneMs: end === 'none' ? undefined : 5,
        }));
        const batch = new Batch(1, placements);
        const names: string[] = [...new Set(parts.map(({ channel }) => channel))];
        expect(batch.keys(new RedisKeys('p'), 'me').slice(3)).toEqual(names.map((name) => `{p}:c:${name}`));
        const args = batch.args('control', 0);
        const { answer, order } = run(args, names.length);
        expect(order.map((each) => each.slice(0, 4))).toEqual(
          placements.map(({ channel, entry, tombstoneMs }) =>
            `${names.indexOf(channel) + 1} ${tombstoneMs ?? ''} ${entry ?? ''}`.slice(0, 4),
          ),
        );
        expect(batch.read(answer)).toEqual({
          epoch: 'epoch',
          placed: placements.map((_, index) => ({ position: index + 1 })),
        });
      }),
    );
  });
});
