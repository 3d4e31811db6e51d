import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SseDecoderOptions } from './decoder-options.js';
import { SseDecoder } from './sse-decoder.js';

interface Bounds {
  readonly maxMessageBytes: number;
  readonly maxIdBytes: number;
}

interface Outcome {
  happened: [what: string, ...told: unknown[]][];
  lastEventId: string;
  cutOff: boolean;
}

function decode(chunks: readonly Uint8Array[], options: Partial<SseDecoderOptions>): Outcome {
  const happened: Outcome['happened'] = [];
  const decoder: SseDecoder = new SseDecoder({
    onMessage: ({ event, data, lastEventId }) => happened.push(['message', event, data, lastEventId]),
    onComment: (text) => happened.push(['comment', text]),
    onRetry: (ms) => happened.push(['retry', ms]),
    onId: (id) => happened.push(['id', id]),
    onSkip: () => happened.push(['skip', decoder.lastEventId]),
    ...options,
  });
  for (const chunk of chunks) decoder.push(chunk);
  return { happened, cutOff: decoder.end().cutOff, lastEventId: decoder.lastEventId };
}

/** The rules about size, on one block after the other; what is left of it is decoded without a bound. */
function decodeNaively(stream: string, bounds: Bounds): Outcome {
  const lines = stream.split(/\r\n|\r|\n/);
  const unfinished = lines.pop();
  const blocks: string[][] = [[]];
  for (const line of lines) line === '' ? blocks.push([]) : blocks.at(-1)?.push(line);
  const last = blocks.length - 1;
  const outcome: Outcome = { happened: [], lastEventId: '', cutOff: false };
  for (const [index, block] of blocks.entries()) {
    const isSkipped = isTooLarge(block, bounds);
    const text = whatCounts(block, bounds, isSkipped).map((line) => `${line}\n`);
    if (index < last) text.push('\n');
    const { lastEventId, ...rest } = decode([Buffer.from(text.join(''))], { lastEventId: outcome.lastEventId });
    outcome.happened.push(...rest.happened);
    outcome.lastEventId = lastEventId;
    outcome.cutOff = rest.cutOff || (isSkipped && index === last) || unfinished !== '';
    if (isSkipped && index < last) outcome.happened.push(['skip', lastEventId]);
  }
  return outcome;
}

function isTooLarge(block: readonly string[], bounds: Bounds): boolean {
  let room = bounds.maxMessageBytes;
  return block.some((line) => {
    const { field, valueBytes } = parsed(line);
    if (!['data', 'event', 'id'].includes(field)) return false;
    if (Buffer.byteLength(line) > room || (field === 'id' && valueBytes > bounds.maxIdBytes)) return true;
    if (field === 'data') room -= valueBytes + 1;
    return false;
  });
}

function whatCounts(block: readonly string[], bounds: Bounds, isSkipped: boolean): string[] {
  return block.filter((line) => {
    const { field, valueBytes } = parsed(line);
    if (Buffer.byteLength(line) > bounds.maxMessageBytes || (field === 'id' && valueBytes > bounds.maxIdBytes))
      return false;
    return !isSkipped || (field !== 'data' && field !== 'event');
  });
}

function parsed(line: string): { readonly field: string; readonly valueBytes: number } {
  const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
  return { field, valueBytes: Buffer.byteLength(value) };
}

/** Cuts bytes at the given places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

const name = fc.constantFrom('data: ', 'data', 'event: ', 'id: ', 'id', 'retry: ', ': ', 'foo: ', 'datax: ', 'i', '');
const size = fc.oneof({ weight: 10, arbitrary: fc.nat({ max: 40 }) }, { weight: 1, arbitrary: fc.nat({ max: 5000 }) });
const value = fc.tuple(fc.constantFrom('x', '7', '日'), size).map(([letter, length]) => letter.repeat(length));
const lineEnd = fc.constantFrom('\n', '\r', '\r\n', '\n\n', '\r\r', '\r\n\r\n', '');
const stream = fc.array(fc.tuple(name, value, lineEnd), { maxLength: 15 }).map((lines) => lines.flat().join(''));
const places = fc.array(fc.nat(), { maxLength: 20 });
const mark = fc.constantFrom('', '\ufeff');
const bytes = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 60, max: 6000 }));
const bounds = fc.record({ maxMessageBytes: bytes, maxIdBytes: bytes });

describe('any stream, cut anywhere, of which what is too large is skipped', () => {
  it('gives what an unbounded decoder gives, less the messages over the bounds, and the same ids', () => {
    fc.assert(
      fc.property(stream, mark, places, bounds, (text, start, at, limits) => {
        const chunks = cut(Buffer.from(start + text), at);
        expect(decode(chunks, { ...limits, oversize: 'skip' })).toEqual(decodeNaively(text, limits));
      }),
      { numRuns: 5000 },
    );
  });
});
