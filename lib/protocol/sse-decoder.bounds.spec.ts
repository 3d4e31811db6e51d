import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { CarryBuffer } from './carry-buffer.js';
import type { SseDecodeError } from './decode.error.js';
import { SseDecoder } from './sse-decoder.js';

/** Pushes until the decoder refuses; tells the error and how many bytes it had taken by then. */
function flood(chunks: Iterable<Uint8Array>, maxMessageBytes: number) {
  const messages: string[] = [];
  const decoder = new SseDecoder({ onMessage: ({ data }) => messages.push(data), maxMessageBytes });
  let taken = 0;
  for (const chunk of chunks) {
    try {
      decoder.push(chunk);
    } catch (error) {
      return { error: error as SseDecodeError, taken, messages, decoder };
    }
    taken += chunk.length;
  }
  return { error: undefined, taken, messages, decoder };
}

function* repeated(text: string, times: number): Generator<Buffer> {
  const chunk = Buffer.from(text);
  for (let time = 0; time < times; time++) yield chunk;
}

describe('maxMessageBytes', () => {
  it.each([
    ['an endless line', 'x'],
    ['an endless line, beyond ASCII', '日'],
    ['an endless data line', 'data'],
    ['endless data lines', 'data: x\n'],
    ['endless empty data lines', 'data\n'],
    ['endless data lines with comments between them', `data: x\n: ${'c'.repeat(50)}\n`],
  ])('stops %s', (_what, text) => {
    const { error, taken, messages } = flood(repeated(text, 5000), 1000);
    expect(error).toMatchObject({ code: 'SSE_DECODE', reason: 'too-large', option: 'maxMessageBytes', limit: 1000 });
    expect(error?.message).toContain('1000 bytes');
    expect(taken).toBeLessThan(40_000);
    expect(messages).toEqual([]);
  });

  it.each([
    ['comments without a blank line', ': ping\n'],
    ['unknown fields', 'foo: bar\n'],
    ['event names', 'event: x\n'],
    ['ids', 'id: 1\n'],
    ['blank lines', '\n'],
    ['messages', 'data: x\n\n'],
  ])('does not stop endless %s, of which nothing is kept', (_what, text) => {
    expect(flood(repeated(text, 5000), 100).error).toBeUndefined();
  });

  it('counts one line as a whole', () => {
    expect(flood([Buffer.from('data: 78901\n\n')], 11).messages).toEqual(['78901']);
    expect(flood([Buffer.from('data: 789012\n\n')], 11).error?.reason).toBe('too-large');
    expect(flood([Buffer.from(': 345678901\n')], 10).error?.reason).toBe('too-large');
  });

  it('counts the data of several lines, each with its line end, and the line that comes', () => {
    expect(flood([Buffer.from('data:12\ndata:3\n\n')], 9).messages).toEqual(['12\n3']);
    expect(flood([Buffer.from('data:12\ndata:34\n\n')], 9).error?.reason).toBe('too-large');
  });

  it('delivers what came before, in the same chunk too, and nothing after it', () => {
    const { error, messages, decoder } = flood([Buffer.from(`data: a\n\ndata: ${'x'.repeat(100)}\n\ndata: b\n\n`)], 50);
    expect(messages).toEqual(['a']);
    expect(() => decoder.push(Buffer.from('data: c\n\n'))).toThrow(error);
    expect(messages).toEqual(['a']);
    expect(decoder.end()).toEqual({ cutOff: true });
  });

  it('has an error beside those of handlers', () => {
    const decoder = new SseDecoder({
      onMessage: () => {
        throw new Error('handler');
      },
      maxMessageBytes: 10,
    });
    expect(() => decoder.push(Buffer.from(`data: a\n\n${'x'.repeat(20)}`))).toThrow(AggregateError);
    expect(() => decoder.push(Buffer.from('x'))).toThrow(expect.objectContaining({ reason: 'too-large' }));
  });

  it('has the same outcome however the stream is cut', () => {
    const part = fc.constantFrom(
      'data: ab\n',
      'data: 日本\r',
      'data\r\n',
      ': a comment\n',
      'x',
      '\n',
      '\r\n',
      'id: 5\n',
      'event: something long\n',
      'data: ',
    );
    const bytes = fc.array(part, { maxLength: 30 }).map((parts) => Buffer.from(parts.join('')));
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 50 }), (stream, size, bound) => {
        const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, at) =>
          stream.subarray(at * size, (at + 1) * size),
        );
        const whole = flood([stream], bound);
        const parts = flood(chunks, bound);
        expect([parts.messages, parts.error?.reason]).toEqual([whole.messages, whole.error?.reason]);
      }),
      { numRuns: 2000 },
    );
  });

  it('is 16 MiB by default', () => {
    const chunks = repeated('x'.repeat(1024 * 1024), 40);
    expect(flood(chunks, undefined as never)).toMatchObject({
      error: { limit: 16 * 1024 * 1024 },
      taken: 16 * 1024 * 1024,
    });
  });
});

describe('the work that a message makes', () => {
  /** How many bytes were copied into buffers and searched, for one message of `size` bytes in chunks of `chunkSize`. */
  function work(size: number, chunkSize: number, line: string): number {
    const stream = Buffer.from(`${line.repeat(Math.ceil(size / line.length))}\n\n`);
    let bytes = 0;
    const count = (
      name: 'copy' | 'set' | 'indexOf' | 'lastIndexOf',
      cost: (buffer: Buffer, given: unknown[]) => number,
    ) => {
      const original = Buffer.prototype[name] as (...given: unknown[]) => number;
      return jest.spyOn(Buffer.prototype, name).mockImplementation(function (this: Buffer, ...given: unknown[]) {
        bytes += cost(this, given);
        return original.apply(this, given);
      } as never);
    };
    const spies = [
      count('copy', (_buffer, [, , start, end]) => (end as number) - (start as number)),
      count('set', (_buffer, [source]) => (source as Uint8Array).length),
      count('indexOf', (buffer, [, start]) => buffer.length - ((start as number | undefined) ?? 0)),
      count('lastIndexOf', (buffer) => buffer.length),
    ];
    const decoder = new SseDecoder({ onMessage: () => {} });
    for (let at = 0; at < stream.length; at += chunkSize) decoder.push(stream.subarray(at, at + chunkSize));
    for (const spy of spies) spy.mockRestore();
    return bytes;
  }

  it.each([
    ['one giant line', 1024, 'data: xxxxxxxxxxxx'],
    ['one giant line in big chunks', 64 * 1024, 'data: xxxxxxxxxxxx'],
    ['many short lines', 1024, 'data: x\n'],
    ['many short lines with CR', 1000, 'data: x\r'],
    ['many short lines beyond ASCII', 1024, 'data: ü\n'],
  ])('grows with its size only: %s', (_what, chunkSize, line) => {
    const small = work(200_000, chunkSize, line);
    const big = work(800_000, chunkSize, line);
    expect(small).toBeGreaterThan(0);
    expect(big / small).toBeLessThan(5);
  });

  it('a text with CR only is not searched for LF again and again', () => {
    const search = jest.spyOn(String.prototype, 'indexOf');
    const decoder = new SseDecoder({ onMessage: () => {} });
    decoder.push(Buffer.from('data: x\r\r'.repeat(1000)));
    const forLf = search.mock.calls.filter(
      ([text], call) => text === '\n' && `${search.mock.contexts[call]}`.length === 9000,
    ).length;
    search.mockRestore();
    expect(forLf).toBeLessThanOrEqual(2);
  });
});

describe('CarryBuffer', () => {
  it('copies each byte a bounded number of times while it grows', () => {
    const carry = new CarryBuffer();
    const copy = jest.spyOn(Buffer.prototype, 'copy');
    for (let time = 0; time < 100_000; time++) carry.append(Buffer.from('abc'), 1, 3);
    const grown = copy.mock.calls
      .filter(([, , , end]) => end !== 3)
      .reduce((sum, [, , , end]) => sum + (end as number), 0);
    copy.mockRestore();
    expect(carry.length).toBe(200_000);
    expect(grown).toBeLessThan(2 * 200_000);
    expect(carry.bytes.subarray(0, 4).toString()).toBe('bcbc');
  });

  it('makes room at its end by what was dropped before, without growing', () => {
    const carry = new CarryBuffer();
    for (let time = 0; time < 1000; time++) {
      carry.append(Buffer.from('abcdefgh'), 0, 8);
      expect(carry.bytes.toString('latin1', carry.start, carry.end)).toBe(time === 0 ? 'abcdefgh' : 'habcdefgh');
      carry.dropBefore(carry.end - 1);
    }
    expect([carry.length, carry.bytes.length]).toEqual([1, 256]);
  });

  it('gives a big buffer back though a little is still carried', () => {
    const carry = new CarryBuffer();
    carry.append(Buffer.from(`${'x'.repeat(200_000)}ab`), 0, 200_002);
    carry.dropBefore(200_000);
    expect(carry.bytes.toString('latin1', carry.start, carry.end)).toBe('ab');
    expect(carry.bytes.length).toBe(256);
  });

  it('gives a big buffer back and keeps a small one', () => {
    const carry = new CarryBuffer();
    carry.appendText('ü'.repeat(100));
    expect(carry.length).toBe(200);
    carry.clear();
    expect([carry.length, carry.bytes.length]).toEqual([0, 256]);
    carry.appendText('x'.repeat(200_000));
    carry.clear();
    expect(carry.bytes.length).toBe(0);
  });
});
