import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ExchangeRecorder, manyTurns } from '../../test/receiver/support/exchange-recorder.js';
import { FakeTransport } from '../../test/receiver/support/fake-transport.js';
import { isSseError } from '../protocol/index.js';
import { SseDecompressError } from './decompress.error.js';
import { DecompressingTransport } from './decompressing-transport.js';
import type { Exchange, TransportRequest } from './transport.js';

const MIB = 1024 * 1024;
const REQUEST: TransportRequest = { url: new URL('http://127.0.0.1/stream'), method: 'GET', headers: [] };

describe('the failures of a DecompressingTransport', () => {
  let inner: FakeTransport;
  let told: ExchangeRecorder;
  let exchange: Exchange;

  beforeEach(() => {
    inner = new FakeTransport();
    told = new ExchangeRecorder();
    exchange = new DecompressingTransport(inner).send(REQUEST, told);
  });

  const ended = () => told.until(({ outcome }) => outcome !== undefined);
  /** Pauses at the first chunk. */
  const pauseAtOnce = () => {
    told.onChunk = () => {
      told.onChunk = () => {};
      exchange.pause();
    };
  };

  it.each([
    ['gzip', 'incorrect header check'],
    ['deflate', 'incorrect header check'],
    ['br', 'Decompression failed'],
  ])('fails with bytes that are no %s', async (coding, found) => {
    inner.respond(coding);
    inner.tell.onData(Buffer.from('xdata: this is not compressed\n\n'.repeat(10)));
    await ended();
    expect(told.outcome).toBeInstanceOf(SseDecompressError);
    expect(told.outcome).toMatchObject({
      code: 'SSE_DECOMPRESS',
      reason: 'corrupt',
      message: expect.stringContaining('decompress: false'),
      cause: { message: found },
    });
    expect(inner.calls).toEqual(['abort']);
  });

  describe('with 40,000 bytes of which the first chunk was taken', () => {
    const text = 'x'.repeat(40_000);
    const compressed = gzipSync(text);
    const failure = new Error('read ECONNRESET');

    beforeEach(async () => {
      pauseAtOnce();
      inner.respond('gzip');
      // Without its checksum: as a stream that goes on.
      inner.tell.onData(compressed.subarray(0, -8));
      await told.until(({ chunks }) => chunks > 0);
    });

    it.each<[string, () => void, unknown]>([
      ['corrupt bytes', () => inner.tell.onData(Buffer.alloc(8, 'x')), expect.objectContaining({ reason: 'corrupt' })],
      ['a lost connection', () => inner.tell.onError(failure), failure],
      [
        'an end in the middle',
        () => inner.tell.onEnd(),
        new Error('The response ended in the middle of its gzip data'),
      ],
      [
        'the end',
        () => {
          inner.tell.onData(compressed.subarray(-8));
          inner.tell.onEnd();
        },
        'end',
      ],
    ])('tells of %s after everything before it was taken', async (_what, happen, outcome) => {
      happen();
      await manyTurns();
      expect(told).toMatchObject({ chunks: 1, outcome: undefined });
      exchange.resume();
      await ended();
      expect(told.text).toBe(text);
      expect(told.outcome).toEqual(outcome);
    });
  });

  it('hands out what came just before the connection was lost', async () => {
    const failure = new Error('read ECONNRESET');
    inner.respond('gzip');
    inner.tell.onData(gzipSync('data: a\n\n').subarray(0, -8));
    inner.tell.onError(failure);
    await ended();
    expect(told).toMatchObject({ text: 'data: a\n\n', outcome: failure });
  });

  it.each(['gzip', 'deflate', 'br'])('fails as a lost connection does when %s data is cut short', async (coding) => {
    const compress = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }[coding] as typeof gzipSync;
    inner.respond(coding);
    inner.tell.onData(compress('data: a\n\n'.repeat(100)).subarray(0, -1));
    inner.tell.onEnd();
    await ended();
    expect(told.outcome).toMatchObject({ message: `The response ended in the middle of its ${coding} data` });
    expect(isSseError(told.outcome)).toBe(false);
  });

  it.each([
    ['deflate', deflateSync(Buffer.alloc(24 * MIB))],
    ['br', brotliCompressSync(Buffer.alloc(17 * MIB))],
  ])('fails when %s data grows to more than 16 MiB and 250 times its size', async (coding, bomb) => {
    told = new ExchangeRecorder(false);
    exchange = new DecompressingTransport(inner).send(REQUEST, told);
    inner.respond(coding);
    inner.tell.onData(bomb);
    await ended();
    expect(told.outcome).toMatchObject({
      code: 'SSE_DECOMPRESS',
      reason: 'too-compressed',
      message: expect.stringContaining('decompress: false'),
    });
    expect(told.bytes).toBeLessThanOrEqual(16 * MIB + 250 * bomb.length);
    expect(inner.calls).toContain('abort');
  });

  it('takes data for no bomb before that', async () => {
    told = new ExchangeRecorder(false);
    exchange = new DecompressingTransport(inner).send(REQUEST, told);
    inner.respond('deflate');
    inner.tell.onData(deflateSync(Buffer.alloc(20 * MIB)));
    inner.tell.onEnd();
    await ended();
    expect(told).toMatchObject({ bytes: 20 * MIB, outcome: 'end' });
  });
});
