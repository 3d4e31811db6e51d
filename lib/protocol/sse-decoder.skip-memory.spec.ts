import { describe, expect, it, jest } from '@jest/globals';
import { CarryBuffer } from './carry-buffer.js';
import { SseDecoder } from './sse-decoder.js';

const MEBIBYTE = 1024 * 1024;

function recorded() {
  const happened: string[] = [];
  const decoder = new SseDecoder({
    onMessage: ({ data }) => happened.push(data),
    onSkip: () => happened.push('skipped'),
    oversize: 'skip',
    maxMessageBytes: MEBIBYTE,
  });
  return { decoder, happened };
}

describe("what oversize: 'skip' holds", () => {
  /** The buffers that grew while `start` and then some chunks were pushed, with their largest sizes. */
  function buffersOf(decoder: SseDecoder, start: string, chunk: Buffer, times: number): Map<CarryBuffer, number> {
    const sizes = new Map<CarryBuffer, number>();
    const spies = (['append', 'appendText'] as const).map((name) => {
      const original = CarryBuffer.prototype[name] as (...given: unknown[]) => void;
      return jest.spyOn(CarryBuffer.prototype, name).mockImplementation(function (this: CarryBuffer, ...given) {
        original.apply(this, given);
        sizes.set(this, Math.max(sizes.get(this) ?? 0, this.bytes.length));
      });
    });
    decoder.push(Buffer.from(start));
    for (let time = 0; time < times; time++) decoder.push(chunk);
    for (const spy of spies) spy.mockRestore();
    return sizes;
  }

  it.each(['data: ', ': ', 'unknown: ', 'id: '])('is bounded in one line of 100 MB, "%s", and given back', (start) => {
    const { decoder, happened } = recorded();
    const sizes = buffersOf(decoder, start, Buffer.alloc(64 * 1024, 'x'), 1600);
    expect(sizes.size).toBe(1);
    expect(Math.max(...sizes.values())).toBeGreaterThan(MEBIBYTE / 2);
    expect(Math.max(...sizes.values())).toBeLessThanOrEqual(2 * MEBIBYTE);
    expect([...sizes.keys()].map(({ bytes }) => bytes.length)).toEqual([0]);
    decoder.push(Buffer.from('\n\ndata: b\n\n'));
    expect(happened.at(-1)).toEqual('b');
  });

  it.each([
    ['a chunk', ''],
    ['the line in a chunk', '\n: c\n'],
  ])('is nothing of %s that is too much', (_what, end) => {
    const sizes = buffersOf(recorded().decoder, 'data: ', Buffer.from('x'.repeat(5 * MEBIBYTE) + end), 1);
    expect(Math.max(...sizes.values())).toBeLessThan(1024);
  });

  it('is bounded in one block of 100 MB', () => {
    const { decoder, happened } = recorded();
    const sizes = buffersOf(decoder, 'id: 1\n', Buffer.from(`data: ${'x'.repeat(1017)}\n`.repeat(64)), 1600);
    expect(Math.max(...sizes.values())).toBeGreaterThan(MEBIBYTE / 2);
    expect(Math.max(...sizes.values())).toBeLessThanOrEqual(2 * MEBIBYTE);
    decoder.push(Buffer.from('\ndata: b\n\n'));
    expect(happened).toEqual(['skipped', 'b']);
  });
});
