import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeMessage } from './encode-message.js';
import type { SseMessage } from './message.js';
import { SseDecoder } from './sse-decoder.js';

interface Outcome {
  messages: unknown[];
  comments: string[];
  retries: number[];
  lastEventId: string;
}

function decode(chunks: readonly Uint8Array[], detach = false): Outcome {
  const outcome: Outcome = { messages: [], comments: [], retries: [], lastEventId: '' };
  const decoder = new SseDecoder({
    onMessage: ({ event, data, lastEventId }) => outcome.messages.push({ event, data, lastEventId }),
    onComment: (text) => outcome.comments.push(text),
    onRetry: (ms) => outcome.retries.push(ms),
    detach,
  });
  for (const chunk of chunks) decoder.push(chunk);
  decoder.end();
  return { ...outcome, lastEventId: decoder.lastEventId };
}

/** The rules of section 9.2.6, one after the other, on the whole stream as text: slow, and too simple to be wrong. */
function decodeNaively(bytes: Uint8Array): Outcome {
  const outcome: Outcome = { messages: [], comments: [], retries: [], lastEventId: '' };
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\n|\r/);
  lines.pop(); // what no line end has ended
  let data = '';
  let event = '';
  let id = '';
  for (const line of lines) {
    if (line === '') {
      outcome.lastEventId = id;
      if (data !== '') outcome.messages.push({ event: event || 'message', data: data.slice(0, -1), lastEventId: id });
      data = '';
      event = '';
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (colon === 0) outcome.comments.push(value);
    else if (field === 'data') data += `${value}\n`;
    else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
    else if (field === 'retry' && /^[0-9]+$/.test(value)) outcome.retries.push(Math.min(Number(value), 2147483647));
  }
  return outcome;
}

/** Cuts bytes at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

const places = fc.array(fc.nat(), { maxLength: 20 });

const pieces = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      '\n',
      '\r',
      '\r\n',
      '\n\n',
      'data',
      'event',
      'id',
      'retry',
      ':',
      ' ',
      '\0',
      '12',
      '\ufeff',
      'x',
    ),
  },
  { weight: 2, arbitrary: fc.constantFrom('data: x', 'id: 1', 'event: e', 'retry: 5', ': c', 'ü', '日本', '🚀') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) },
);

const streams = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: pieces.map((text) => Buffer.from(text)) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes)) },
      {
        weight: 1,
        arbitrary: fc
          .constantFrom([0xef], [0xef, 0xbb], [0xf0, 0x9f], [0xed, 0xa0, 0x80])
          .map((bytes) => Buffer.from(bytes)),
      },
    ),
    { maxLength: 60 },
  )
  .map((parts) => Buffer.concat(parts));

/** Enough to take the ways that are kept for big chunks. */
const bulk = fc
  .constantFrom('', `: ${'x'.repeat(3000)}\n`, `: ${'ü'.repeat(3000)}\n`, `data: ${'日'.repeat(3000)}\n`)
  .map((text) => Buffer.from(text));

describe('any bytes, cut anywhere, are decoded', () => {
  it('as the standard says', () => {
    fc.assert(
      fc.property(streams, places, (bytes, at) => {
        expect(decode(cut(bytes, at))).toEqual(decodeNaively(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  it('also among long lines, and detached', () => {
    fc.assert(
      fc.property(streams, bulk, streams, bulk, streams, places, (a, b, c, d, e, at) => {
        const bytes = Buffer.concat([a, b, c, d, e]);
        expect(decode(cut(bytes, at), at.length % 2 === 0)).toEqual(decodeNaively(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  it('also when they are no text at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), places, (noise, at) => {
        const bytes = Buffer.concat([Buffer.from('data: '), noise, Buffer.from('\n\n')]);
        expect(decode(cut(bytes, at))).toEqual(decodeNaively(bytes));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what is encoded, cut anywhere and decoded', () => {
  const text = fc
    .oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), pieces)
    .map((value) => value.toWellFormed());
  const line = text.map((value) => value.replace(/[\r\n\0]/g, ''));
  const messages = fc.array(
    fc.record(
      { id: line, event: line, data: text, comment: text, retry: fc.integer({ min: 0, max: 2 ** 31 - 1 }) },
      { requiredKeys: ['data'] },
    ),
    { maxLength: 8 },
  );

  it('is what was given, its line ends as LF', () => {
    fc.assert(
      fc.property(messages, places, (given, at) => {
        const bytes = Buffer.concat(given.map((message) => encodeMessage(message as SseMessage)));
        let lastEventId = '';
        const expected = given.map(({ id, event, data }) => {
          lastEventId = id ?? lastEventId;
          return { event: event || 'message', data: withLf(data), lastEventId };
        });
        expect(decode(cut(bytes, at))).toEqual({
          messages: expected,
          comments: given.flatMap(({ comment }) => (comment === undefined ? [] : withLf(comment).split('\n'))),
          retries: given.flatMap(({ retry }) => (retry === undefined ? [] : [retry])),
          lastEventId,
        });
      }),
      { numRuns: 2000 },
    );
  });

  it('is the same JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), places, (value, at) => {
        const [message] = decode(cut(encodeMessage({ data: [value] }), at)).messages as { data: string }[];
        expect(JSON.parse(message?.data as string)).toEqual(JSON.parse(JSON.stringify([value])));
      }),
    );
  });
});

function withLf(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}
