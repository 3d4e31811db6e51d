import { describe, expect, it } from '@jest/globals';
import type { SseDecoderOptions } from './decoder-options.js';
import { SseDecoder } from './sse-decoder.js';

function recorded(options: Partial<SseDecoderOptions>) {
  const happened: [what: string, ...told: string[]][] = [];
  const decoder: SseDecoder = new SseDecoder({
    onMessage: ({ event, data }) => happened.push(['message', event, data]),
    onId: (id) => happened.push(['id', id]),
    onSkip: () => happened.push(['skip', decoder.lastEventId]),
    oversize: 'skip',
    ...options,
  });
  return { decoder, happened };
}

describe('maxIdBytes', () => {
  const text = 'id: 123\ndata: a\n\nid: 1234\ndata: b\n\ndata: c\n\n';

  it('ends the decoding at a longer id', () => {
    const { decoder, happened } = recorded({ oversize: 'fail', maxIdBytes: 3 });
    const error = expect.objectContaining({
      reason: 'too-large',
      option: 'maxIdBytes',
      limit: 3,
      message: expect.stringContaining('maxIdBytes'),
    });
    expect(() => decoder.push(Buffer.from(text))).toThrow(error);
    expect(() => decoder.push(Buffer.from('\n'))).toThrow(error);
    expect(happened).toEqual([
      ['id', '123'],
      ['message', 'message', 'a'],
    ]);
  });

  it("skips the block of a longer id with oversize: 'skip'; the id before stays", () => {
    const { decoder, happened } = recorded({ maxIdBytes: 3 });
    decoder.push(Buffer.from(text));
    expect(happened).toEqual([
      ['id', '123'],
      ['message', 'message', 'a'],
      ['skip', '123'],
      ['message', 'message', 'c'],
    ]);
  });

  it('leaves an id of the same block that fits', () => {
    const { decoder, happened } = recorded({ maxIdBytes: 3 });
    decoder.push(Buffer.from('id: 1\nid: 1234\ndata: b\n\n'));
    expect(happened).toEqual([
      ['id', '1'],
      ['skip', '1'],
    ]);
  });

  it('counts bytes, of the value only', () => {
    const { decoder, happened } = recorded({ maxIdBytes: 3 });
    decoder.push(Buffer.from('id: 日\n\nid: 日1\n\nid\n\n'));
    expect(happened).toEqual([
      ['id', '日'],
      ['skip', '日'],
      ['id', ''],
    ]);
  });

  it('holds for ids only', () => {
    const { decoder, happened } = recorded({ maxIdBytes: 3 });
    decoder.push(Buffer.from('event: 1234\ndata: 1234\n\n'));
    expect(happened).toEqual([['message', '1234', '1234']]);
  });

  it('is no bound by default', () => {
    const id = 'x'.repeat(5000);
    const { decoder } = recorded({});
    decoder.push(Buffer.from(`id: ${id}\n\n`));
    expect(decoder.lastEventId).toBe(id);
  });
});
