import { describe, expect, it, jest } from '@jest/globals';
import type { SseDecoderOptions } from './decoder-options.js';
import { SseOptionsError } from './options.error.js';
import { readMessages } from './read-messages.js';
import { SseDecoder } from './sse-decoder.js';

type Happening = ['message', string, string] | ['comment' | 'id', string] | ['retry', number] | ['skip', string];

function recorded(options: Partial<SseDecoderOptions> = {}) {
  const happened: Happening[] = [];
  const decoder: SseDecoder = new SseDecoder({
    onMessage: ({ event, data }) => happened.push(['message', event, data]),
    onComment: (text) => happened.push(['comment', text]),
    onRetry: (ms) => happened.push(['retry', ms]),
    onId: (id) => happened.push(['id', id]),
    onSkip: () => happened.push(['skip', decoder.lastEventId]),
    oversize: 'skip',
    maxMessageBytes: 20,
    ...options,
  });
  return { decoder, happened };
}

function plain(data: string): Happening {
  return ['message', 'message', data];
}

const LONG = 'x'.repeat(30);
const BULK = 'x'.repeat(5000);

const RULES: [string, string, Happening[]][] = [
  ['a block with one long data line is skipped', `data: ${LONG}\n\ndata: b\n\n`, [['skip', ''], plain('b')]],
  ['one with several lines that are too much together, too', `${'data: 1234567\n'.repeat(4)}\n`, [['skip', '']]],
  ['one that just fits is not', `data: ${'x'.repeat(14)}\n\n`, [plain('x'.repeat(14))]],
  ['data after the line that was too much is not delivered', `data: ${LONG}\ndata: b\n\n`, [['skip', '']]],
  ['data before it neither', `data: a\ndata: b\ndata: ${LONG}\n\ndata: c\n\n`, [['skip', ''], plain('c')]],
  ['an event name before it is forgotten', `event: e\ndata: ${LONG}\n\ndata: b\n\n`, [['skip', ''], plain('b')]],
  ['an event name after it, too', `data: ${LONG}\nevent: e\n\ndata: b\n\n`, [['skip', ''], plain('b')]],
  ['an event line may be too long', `event: ${LONG}\ndata: a\n\ndata: b\n\n`, [['skip', ''], plain('b')]],
  ['an id before it is committed', `id: 1\ndata: ${LONG}\n\ndata: b\n\n`, [['id', '1'], ['skip', '1'], plain('b')]],
  [
    'an id after it is committed',
    `data: ${LONG}\nid: 1\n\n`,
    [
      ['id', '1'],
      ['skip', '1'],
    ],
  ],
  [
    'an id is committed that only there is no room for',
    'data: 1234567\nid: 1234567890\n\n',
    [
      ['id', '1234567890'],
      ['skip', '1234567890'],
    ],
  ],
  [
    'an id that is too long itself is ignored, and the one before stays',
    `id: 1\n\nid: ${LONG}\ndata: a\n\ndata: b\n\n`,
    [['id', '1'], ['skip', '1'], plain('b')],
  ],
  [
    'comments and retry count in a skipped block',
    `data: ${LONG}\n: c\nretry: 5\n\n`,
    [
      ['comment', 'c'],
      ['retry', 5],
      ['skip', ''],
    ],
  ],
  ['a long comment is dropped alone', `data: a\n: ${LONG}\ndata: b\n\n`, [plain('a\nb')]],
  [
    'a long line of an unknown field, too',
    `data: a\n${LONG}: 1\ndatax: ${LONG}\ni${LONG}\ndata: b\n\n`,
    [plain('a\nb')],
  ],
  ['a long retry line, too', `data: a\nretry: ${'1'.repeat(30)}\n\n`, [plain('a')]],
  [
    'a comment that only there is no room for is told',
    'data: 123456\n: 0123456789\n\n',
    [['comment', '0123456789'], plain('123456')],
  ],
  [
    'a long line in a skipped block is dropped',
    `data: ${LONG}\n: ${LONG}\nid: ${LONG}\n\ndata: b\n\n`,
    [['skip', ''], plain('b')],
  ],
  [
    'several blocks in a row are skipped',
    `data: ${LONG}\n\n`.repeat(3),
    [
      ['skip', ''],
      ['skip', ''],
      ['skip', ''],
    ],
  ],
  ['CR ends a long line', `data: ${LONG}\r\rdata: b\r\r`, [['skip', ''], plain('b')]],
  ['CRLF ends a long line, once', `: ${LONG}\r\ndata: a\r\n: ${LONG}\r\n\r\ndata: b\r\n\r\n`, [plain('a'), plain('b')]],
  ['a long line beyond ASCII counts in bytes', `data: ${'日'.repeat(5)}\n\ndata: ü\n\n`, [['skip', ''], plain('ü')]],
  ['a BOM before it is skipped', `\ufeffdata: ${LONG}\n\ndata: b\n\n`, [['skip', ''], plain('b')]],
  [
    'very long lines are no exception',
    `: ${BULK}\ndata: a\n\ndata: ${BULK}\n\nx${BULK}\ndata: b\n\n`,
    [plain('a'), ['skip', ''], plain('b')],
  ],
];

describe("oversize: 'skip'", () => {
  it.each(RULES)('%s', (_rule, text, expected) => {
    const bytes = Buffer.from(text);
    for (const size of [bytes.length, 1, 2, 7, 25, 3000]) {
      const { decoder, happened } = recorded();
      for (let at = 0; at < bytes.length; at += size) decoder.push(bytes.subarray(at, at + size));
      expect([size, happened]).toEqual([size, expected]);
      expect(decoder.end()).toEqual({ cutOff: false });
    }
  });

  it.each([1, 2, 3, 4, 5, 6])('tells the field of a line also with a bound of %i bytes', (maxMessageBytes) => {
    const text = 'dat\ndatax\nevent\neventx\n\nidx: 1\n: c\n\nid\n\ndata\n\ndata: a\n\n';
    const outcomes = [100, 1, 3].map((size) => {
      const { decoder, happened } = recorded({ maxMessageBytes, onComment: undefined });
      for (let at = 0; at < text.length; at += size) decoder.push(Buffer.from(text.slice(at, at + size)));
      return happened;
    });
    const skip: Happening = ['skip', ''];
    const expected = [
      ...(maxMessageBytes < 5 ? [skip] : []),
      maxMessageBytes < 2 ? skip : ['id', ''],
      maxMessageBytes < 4 ? skip : plain(''),
      skip,
    ];
    expect(outcomes).toEqual([expected, expected, expected]);
  });

  it.each<[string, string, boolean]>([
    ['within a line that is dropped', `: ${LONG}`, true],
    ['behind a line that was dropped', `: ${LONG}\n`, false],
    ['within a skipped block', `data: ${LONG}\n`, true],
    ['within a long line of it', `data: ${LONG}`, true],
    ['behind a skipped block', `data: ${LONG}\n\n`, false],
  ])('end() %s tells whether the stream was cut off', (_where, text, cutOff) => {
    const { decoder } = recorded();
    decoder.push(Buffer.from(text));
    expect(decoder.end()).toEqual({ cutOff });
  });

  it('stop() ends all delivery within a line that is dropped, too', () => {
    const { decoder, happened } = recorded();
    decoder.push(Buffer.from(`data: ${LONG}`));
    decoder.stop();
    decoder.push(Buffer.from('\n\ndata: b\n\n'));
    expect(happened).toEqual([]);
    expect(decoder.end()).toEqual({ cutOff: false });
  });

  it('works with readMessages()', async () => {
    const onSkip = jest.fn();
    async function* source() {
      yield Buffer.from(`data: a\n\ndata: ${LONG}`);
      yield Buffer.from(`${LONG}\n\ndata: b\n\n`);
    }
    const data: string[] = [];
    const messages = readMessages(source(), { oversize: 'skip', maxMessageBytes: 20, onSkip });
    for await (const message of messages) data.push(message.data);
    expect(data).toEqual(['a', 'b']);
    expect(onSkip).toHaveBeenCalledTimes(1);
  });

  it('is asked for: otherwise a large message fails, and onSkip is not called', () => {
    const { decoder, happened } = recorded({ oversize: undefined });
    expect(() => decoder.push(Buffer.from(`data: ${LONG}\n\n`))).toThrow(
      expect.objectContaining({ reason: 'too-large', option: 'maxMessageBytes', limit: 20 }),
    );
    expect(happened).toEqual([]);
  });

  it.each<[string, object]>([
    ['oversize', { oversize: 'drop' }],
    ['onSkip', { onSkip: 'x' }],
    ['maxIdBytes', { maxIdBytes: 0 }],
    ['maxIdBytes', { maxIdBytes: 2 ** 28 + 1 }],
  ])('refuses a wrong %s', (option, options) => {
    expect(() => recorded(options)).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ option })] }),
    );
    expect(() => recorded(options)).toThrow(SseOptionsError);
  });
});

describe('onSkip', () => {
  it('may be left out', () => {
    const { decoder, happened } = recorded({ onSkip: undefined });
    decoder.push(Buffer.from(`data: ${LONG}\n\ndata: b\n\n`));
    expect(happened).toEqual([plain('b')]);
  });

  it('that throws does not keep what follows from being decoded; push() throws what it threw', () => {
    const failure = new Error('handler');
    const { decoder, happened } = recorded({
      onSkip: () => {
        throw failure;
      },
    });
    expect(() => decoder.push(Buffer.from(`data: ${LONG}\n\ndata: b\n\n`))).toThrow(failure);
    decoder.push(Buffer.from('data: c\n\n'));
    expect(happened).toEqual([plain('b'), plain('c')]);
  });

  it('may stop the decoder', () => {
    const { decoder, happened } = recorded({ onSkip: () => decoder.stop() });
    decoder.push(Buffer.from(`data: ${LONG}\n\ndata: b\n\n`));
    expect(happened).toEqual([]);
  });

  it('is not called once onId has stopped the decoder', () => {
    const { decoder, happened } = recorded({ onId: () => decoder.stop() });
    decoder.push(Buffer.from(`data: ${LONG}\nid: 1\n\n`));
    expect(happened).toEqual([]);
  });
});
