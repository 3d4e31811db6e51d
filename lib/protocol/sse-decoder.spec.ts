import { describe, expect, it, jest } from '@jest/globals';
import { SseDecodeError } from './decode.error.js';
import type { SseDecoderOptions } from './decoder-options.js';
import { SseOptionsError } from './options.error.js';
import { SseDecoder } from './sse-decoder.js';

type Happening =
  | ['message', string, string, string, string | undefined]
  | ['comment', string]
  | ['retry', number]
  | ['id', string];

function recorded(options: Partial<SseDecoderOptions> = {}) {
  const happened: Happening[] = [];
  const decoder = new SseDecoder({
    onMessage: ({ event, data, lastEventId, id }) => happened.push(['message', event, data, lastEventId, id]),
    onComment: (text) => happened.push(['comment', text]),
    onRetry: (ms) => happened.push(['retry', ms]),
    onId: (id) => happened.push(['id', id]),
    ...options,
  });
  return { decoder, happened };
}

function decoded(...chunks: (string | number[])[]) {
  const { decoder, happened } = recorded();
  for (const chunk of chunks) decoder.push(Buffer.from(chunk as string));
  return happened;
}

/** A message with no event name and no id. */
function plain(data: string): Happening {
  return ['message', 'message', data, '', undefined];
}

describe('9.2.6: lines and fields', () => {
  it.each<[string, (string | number[])[], Happening[]]>([
    ['LF ends lines', ['data: a\n\n'], [plain('a')]],
    ['CR ends lines', ['data: a\r\r'], [plain('a')]],
    ['CRLF ends lines', ['data: a\r\n\r\n'], [plain('a')]],
    ['line ends may be mixed', ['data: a\rdata: b\r\ndata: c\n\r\ndata: d\n\r'], [plain('a\nb\nc'), plain('d')]],
    ['a lone CR at the end of a chunk dispatches at once', ['data: a\n\r'], [plain('a')]],
    [
      'an LF after that, in the next chunk, is swallowed',
      ['data: a\r', '\n', '\rdata: b\r\r'],
      [plain('a'), plain('b')],
    ],
    ['but only one', ['data: a\r', '\n\n'], [plain('a')]],
    ['and only when it comes first', ['data: a\r', 'data: b\n\n'], [plain('a\nb')]],
    ['not when something came in between', ['data: a\r', 'x', '\n\ndata: b\rx', '\n\n'], [plain('a'), plain('b')]],
    ['an empty chunk in between changes nothing', ['data: a\r', '', '\n', 'data: b\n\n'], [plain('a\nb')]],
    ['U+2028, NEL, VT, FF end nothing', ['data: \u2028\u0085\v\f\n\n'], [plain('\u2028\u0085\v\f')]],
    ['one BOM at the start is skipped', ['\ufeffdata: a\n\n'], [plain('a')]],
    ['also when it is cut', [[0xef], [0xbb], [0xbf, 0x64], 'ata: a\n\n'], [plain('a')]],
    ['a second BOM is data', ['\ufeff\ufeffdata: a\n\ndata: b\n\n'], [plain('b')]],
    ['a later BOM is data', ['data: \ufeffa\n\n'], [plain('\ufeffa')]],
    ['what only starts like a BOM is data', [[0xef, 0xbb], ':data: a\n\ndata: b\n\n'], [plain('b')]],
    ['also within one chunk', [[0xef, 0xbb, 0x0a], 'data: b\n\n'], [plain('b')]],
    ['data lines are joined with LF', ['data: a\ndata\ndata:\ndata: b\n\n'], [plain('a\n\n\nb')]],
    ['data without a colon is an empty string', ['data\n\n'], [plain('')]],
    ['data with a colon only is an empty string', ['data:\n\n'], [plain('')]],
    ['two empty data lines are one LF', ['data\ndata\n\n'], [plain('\n')]],
    ['one space after the colon is removed', ['data:  a \n\n'], [plain(' a ')]],
    ['a missing space is no loss', ['data:a\n\n'], [plain('a')]],
    ['a TAB or NBSP after the colon stays', ['data:\ta\n\ndata:\u00a0a\n\n'], [plain('\ta'), plain('\u00a0a')]],
    ['a value may hold colons', ['data: a: b:\n\n'], [plain('a: b:')]],
    ['names are case-sensitive', ['Data: a\nDATA: a\n\n'], []],
    ['names are whole', ['dat: a\ndatax: b\ndata : c\n data: d\nxdata: e\n\n'], []],
    ['other fields are ignored', ['foo: a\nidx: 1\nevents: x\nretryx: 1\ni: 5\ne\nr: 1\ndata: b\n\n'], [plain('b')]],
    ['a line of one space is not blank', ['data: a\n \ndata: b\n\n'], [plain('a\nb')]],
    ['blank lines alone do nothing', ['\n\n\r\r\r\n\r\n'], []],
    [
      'comments are told, less one space',
      [': a\n:b\n:\n:  c\n'],
      [
        ['comment', 'a'],
        ['comment', 'b'],
        ['comment', ''],
        ['comment', ' c'],
      ],
    ],
    ['a comment does not end a message', ['data: a\n: x\ndata: b\n\n'], [['comment', 'x'], plain('a\nb')]],
    ['an event name', ['event: e\ndata: a\n\n'], [['message', 'e', 'a', '', undefined]]],
    [
      'the name is reset after a message',
      ['event: e\ndata: a\n\ndata: b\n\n'],
      [['message', 'e', 'a', '', undefined], plain('b')],
    ],
    ['the name is reset by a block without data', ['event: e\n\ndata: b\n\n'], [plain('b')]],
    ['a later empty event line resets the name', ['event: e\nevent:\ndata: a\n\n'], [plain('a')]],
    ['the last event line counts', ['event: e\nevent: f\ndata: a\n\n'], [['message', 'f', 'a', '', undefined]]],
    ['event: error is a message', ['event: error\ndata: a\n\n'], [['message', 'error', 'a', '', undefined]]],
    ['NUL in an event name stays', ['event: \0\ndata: a\n\n'], [['message', '\0', 'a', '', undefined]]],
    [
      'an id is kept from then on',
      ['id: 1\ndata: a\n\ndata: b\n\n'],
      [
        ['id', '1'],
        ['message', 'message', 'a', '1', '1'],
        ['message', 'message', 'b', '1', undefined],
      ],
    ],
    [
      'a block without data commits its id',
      ['id: 1\n\ndata: b\n\n'],
      [
        ['id', '1'],
        ['message', 'message', 'b', '1', undefined],
      ],
    ],
    [
      'an empty id clears',
      ['id: 1\n\nid\ndata: a\n\n'],
      [
        ['id', '1'],
        ['id', ''],
        ['message', 'message', 'a', '', ''],
      ],
    ],
    [
      'an id with NUL is ignored',
      ['id: 1\n\nid: a\0b\ndata: a\n\n'],
      [
        ['id', '1'],
        ['message', 'message', 'a', '1', undefined],
      ],
    ],
    [
      'also after a good one in the same block',
      ['id: 1\nid: \0\ndata: a\n\n'],
      [
        ['id', '1'],
        ['message', 'message', 'a', '1', '1'],
      ],
    ],
    [
      '"0" is an id',
      ['id: 0\ndata: a\n\n'],
      [
        ['id', '0'],
        ['message', 'message', 'a', '0', '0'],
      ],
    ],
    ['an id counts at the blank line', ['id: 1\n'], []],
    ['retry counts at its line', ['retry: 5\n'], [['retry', 5]]],
    [
      'retry 0 is valid, leading zeros are decimal',
      ['retry: 0\nretry: 0010\n'],
      [
        ['retry', 0],
        ['retry', 10],
      ],
    ],
    [
      'retry is clamped below 2^31',
      [`retry: 99999999999\nretry: ${'9'.repeat(400)}\n`],
      [
        ['retry', 2147483647],
        ['retry', 2147483647],
      ],
    ],
    [
      'retry takes ASCII digits only',
      ['retry\nretry:\nretry: -1\nretry: 1.5\nretry: 1e3\nretry: 5 \nretry:  5\nretry: ٣\nretry: +1\n'],
      [],
    ],
    [
      'invalid UTF-8 becomes U+FFFD for each maximal subpart',
      [[0x64, 0x61, 0x74, 0x61, 0x3a, 0xf0, 0x9f, 0x98, 0x41, 0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xff, 0x0a, 0x0a]],
      [plain('\ufffdA\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd')],
    ],
    ['a sequence cut off by a line end', [[0x64, 0x61, 0x74, 0x61, 0x3a, 0xe2, 0x82, 0x0a, 0x0a]], [plain('\ufffd')]],
    [
      'text beyond ASCII in every field',
      [': ü\nid: é\nevent: 日本\ndata: 🚀 x\r\ndata: ß\n\n'],
      [
        ['comment', 'ü'],
        ['id', 'é'],
        ['message', '日本', '🚀 x\nß', 'é', 'é'],
      ],
    ],
    ['an unfinished block dies at the end', ['data: a\n\nevent: e\nid: 5\ndata: b\n'], [plain('a')]],
  ])('%s', (_rule, chunks, happened) => {
    expect(decoded(...chunks)).toEqual(happened);
    // However it is cut: byte by byte, and all at once.
    const whole = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk as string)));
    expect(decoded([...whole])).toEqual(happened);
    expect(decoded(...[...whole].map((byte) => [byte]))).toEqual(happened);
  });
});

describe('the cursor', () => {
  it('starts as given and is on the messages', () => {
    const { decoder, happened } = recorded({ lastEventId: '41' });
    expect(decoder.lastEventId).toBe('41');
    decoder.push(Buffer.from('data: a\n\n'));
    expect(happened).toEqual([['message', 'message', 'a', '41', undefined]]);
  });

  it('moves at the blank line and not before; an unfinished id is discarded', () => {
    const { decoder } = recorded({ lastEventId: '41' });
    decoder.push(Buffer.from('id: 42\n'));
    expect(decoder.lastEventId).toBe('41');
    decoder.push(Buffer.from('\nid: 43\ndata: x\n'));
    decoder.end();
    expect(decoder.lastEventId).toBe('42');
  });

  it('has moved already when the handlers are called', () => {
    const seen: string[] = [];
    const decoder: SseDecoder = new SseDecoder({
      onId: () => seen.push(decoder.lastEventId),
      onMessage: () => seen.push(decoder.lastEventId),
    });
    decoder.push(Buffer.from('id: 1\ndata: x\n\n'));
    expect(seen).toEqual(['1', '1']);
  });

  it('keeps a long id over chunks of any size', () => {
    const id = '0123456789abcdef-0123456789abcdef';
    const { decoder } = recorded();
    decoder.push(Buffer.from(`: ${'x'.repeat(5000)}\nid: ${id}\nevent: ${id}\n`));
    decoder.push(Buffer.from('\n: later\n'));
    expect(decoder.lastEventId).toBe(id);
  });
});

describe('end()', () => {
  it.each<[string, string | number[], boolean]>([
    ['nothing at all', '', false],
    ['a finished message', 'data: a\n\n', false],
    ['a finished comment', 'data: a\n\n: ping\n', false],
    ['a retry line, which has counted already', 'retry: 5\n', false],
    ['a BOM', '\ufeff', false],
    ['a part of a BOM', [0xef, 0xbb], true],
    ['an unfinished line', 'data: a\n\n: pi', true],
    ['data without its blank line', 'data: a\n', true],
    ['empty data without its blank line', 'data\n', true],
    ['an id without its blank line', 'id: a\n', true],
    ['an event without its blank line', 'event: a\n', true],
  ])('after %s', (_what, bytes, cutOff) => {
    const { decoder } = recorded();
    decoder.push(Buffer.from(bytes as string));
    expect(decoder.end()).toEqual({ cutOff });
  });

  it('ends it: bytes that follow are refused', () => {
    const { decoder } = recorded();
    decoder.end();
    expect(() => decoder.push(Buffer.from('x'))).toThrow(
      expect.objectContaining({ code: 'SSE_DECODE', reason: 'ended' }),
    );
  });
});

describe('stop()', () => {
  it('within a handler ends all delivery, even of what the same chunk holds', () => {
    const seen: string[] = [];
    const decoder: SseDecoder = new SseDecoder({
      onMessage: ({ data }) => {
        seen.push(data);
        if (data === 'b') decoder.stop();
      },
      onComment: (text) => seen.push(text),
      onRetry: (ms) => seen.push(`${ms}`),
    });
    decoder.push(Buffer.from('data: a\n\ndata: b\n\n: c\nretry: 1\ndata: d\n\ndata: e'));
    decoder.push(Buffer.from('\n\ndata: f\n\n'));
    expect(seen).toEqual(['a', 'b']);
    expect(decoder.end()).toEqual({ cutOff: false });
  });

  it.each(['onId', 'onComment', 'onRetry'] as const)('within %s keeps the message of that block back', (handler) => {
    const onMessage = jest.fn();
    const decoder: SseDecoder = new SseDecoder({ onMessage, [handler]: () => decoder.stop() });
    decoder.push(Buffer.from(': c\nretry: 1\nid: 1\rdata: a\r\r'));
    expect(onMessage).not.toHaveBeenCalled();
  });

  it('between chunks, twice, is quiet', () => {
    const { decoder, happened } = recorded();
    decoder.push(Buffer.from('data: a\n'));
    decoder.stop();
    decoder.stop();
    decoder.push(Buffer.from('\n'));
    expect(happened).toEqual([]);
    expect(decoder.end()).toEqual({ cutOff: false });
  });
});

describe('a handler that throws', () => {
  it('does not keep what follows from being decoded; push() throws what it threw', () => {
    const seen: string[] = [];
    const failure = new Error('handler');
    const decoder = new SseDecoder({
      onMessage: ({ data }) => {
        seen.push(data);
        if (data === 'a') throw failure;
      },
    });
    expect(() => decoder.push(Buffer.from('data: a\n\ndata: b\n\nid: 3\ndata: c'))).toThrow(failure);
    decoder.push(Buffer.from('\n\n'));
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(decoder.lastEventId).toBe('3');
  });

  it('and others that throw: an AggregateError', () => {
    const fail = (): never => {
      throw new Error('handler');
    };
    const { decoder } = recorded({ onComment: fail, onRetry: fail, onId: fail, onMessage: fail });
    const error = thrownBy(() => decoder.push(Buffer.from(': c\nretry: 1\nid: 1\ndata: a\n\n'))) as AggregateError;
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.errors).toHaveLength(4);
    expect(() => decoder.push(Buffer.from('\n'))).not.toThrow();
  });

  it('cannot call back into the decoder, but for stop()', () => {
    const reasons: unknown[] = [];
    const decoder: SseDecoder = new SseDecoder({
      onMessage: () => {
        reasons.push((thrownBy(() => decoder.push(Buffer.from('x'))) as SseDecodeError).reason);
        reasons.push((thrownBy(() => decoder.end()) as SseDecodeError).reason);
      },
    });
    decoder.push(Buffer.from('data: a\n\n'));
    expect(reasons).toEqual(['reentrant', 'reentrant']);
  });
});

describe('what it takes', () => {
  it('any Uint8Array, at any offset', () => {
    const { decoder, happened } = recorded();
    decoder.push(new Uint8Array(new TextEncoder().encode('xxdata: é\n\nyy').buffer, 2, 10));
    expect(happened).toEqual([plain('é')]);
  });

  it.each([
    ['a string', 'data: a\n\n'],
    ['an array', [1]],
    ['undefined', undefined],
    ['a view of words', new Uint16Array(2)],
  ])('refuses %s', (_what, bytes) => {
    const { decoder } = recorded();
    expect(() => decoder.push(bytes as never)).toThrow(
      expect.objectContaining({ code: 'SSE_DECODE', reason: 'not-bytes' }),
    );
  });

  it('names all options that it cannot use', () => {
    const options = { onComment: 5, maxMessageBytes: 0, lastEventId: 1, detach: 'yes', bound: 1 };
    const error = thrownBy(() => new SseDecoder(options as never)) as SseOptionsError;
    expect(error).toBeInstanceOf(SseOptionsError);
    expect(error.problems.map(({ option }) => option).sort()).toEqual(
      ['bound', 'detach', 'lastEventId', 'maxMessageBytes', 'onComment', 'onMessage'].sort(),
    );
  });

  it.each([0, -1, 1.5, Number.NaN, Infinity, 2 ** 28 + 1])('refuses a bound of %p', (maxMessageBytes) => {
    expect(() => new SseDecoder({ onMessage: () => {}, maxMessageBytes })).toThrow(SseOptionsError);
  });

  it('does not keep the bytes', () => {
    const { decoder, happened } = recorded();
    const chunk = Buffer.from('data: first-line-of-the-data\ndata: un');
    decoder.push(chunk);
    chunk.fill(0x0a);
    decoder.push(Buffer.from('finished\n\n'));
    expect(happened).toEqual([plain('first-line-of-the-data\nunfinished')]);
  });

  it('detaches messages on demand, to the same effect', () => {
    const { decoder, happened } = recorded({ detach: true });
    decoder.push(
      Buffer.from(': a comment that is long\nid: an-id-that-is-long\ndata: some data that is long\ndata: ü\n\n'),
    );
    expect(happened.at(-1)).toEqual([
      'message',
      'message',
      'some data that is long\nü',
      'an-id-that-is-long',
      'an-id-that-is-long',
    ]);
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('did not throw');
}
