import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseAnnouncement } from './announcement.js';
import { formatEntry, parseEntries } from './entry-text.js';

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

describe('what somebody else has published', () => {
  it.each(['', '5', '42', 'm', 'e', 'e5', ' 5', 'e 5', 'm1\nx y\n\n', 'm1 2', 'hello', 'e1 x'])(
    'is no announcement: %j',
    (payload) => {
      expect(() => parseAnnouncement(payload)).toThrow();
    },
  );
});
