import { brotliCompressSync, createGunzip, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ExchangeRecorder, manyTurns } from '../../test/receiver/support/exchange-recorder.js';
import { FakeTransport } from '../../test/receiver/support/fake-transport.js';
import { DecompressingTransport } from './decompressing-transport.js';
import type { Exchange, TransportRequest } from './transport.js';

const REQUEST: TransportRequest = { url: new URL('http://127.0.0.1/stream'), method: 'GET', headers: [] };

describe('DecompressingTransport', () => {
  let inner: FakeTransport;
  let told: ExchangeRecorder;
  let exchange: Exchange;

  beforeEach(() => {
    inner = new FakeTransport();
    told = new ExchangeRecorder();
    exchange = new DecompressingTransport(inner).send(REQUEST, told);
  });

  const ended = () => told.until(({ outcome }) => outcome !== undefined);

  it('passes the request on as it is', () => {
    expect(inner.request).toBe(REQUEST);
  });

  it.each([
    ['gzip', 'gzip', gzipSync],
    ['x-gzip', 'x-gzip', gzipSync],
    ['deflate', 'deflate', deflateSync],
    ['deflate without the frame of zlib', 'deflate', deflateRawSync],
    ['br', 'br', brotliCompressSync],
  ])('decompresses %s to its end', async (_name, coding, compress) => {
    inner.respond(coding);
    for (const byte of compress('data: a\n\n'.repeat(10_000))) {
      inner.tell.onData(Uint8Array.of(byte));
      await null;
    }
    inner.tell.onEnd();
    await ended();
    expect(told.text).toBe('data: a\n\n'.repeat(10_000));
    expect(told.outcome).toBe('end');
  });

  it('passes on all headers but those that tell of the compression', () => {
    inner.tell.onResponse(200, {
      'content-type': 'text/event-stream',
      'content-encoding': 'gzip',
      'content-length': '30',
      vary: 'accept-encoding',
    });
    expect(told.status).toBe(200);
    expect(told.headers).toEqual({ 'content-type': 'text/event-stream', vary: 'accept-encoding' });
  });

  it('decompresses responses of other statuses, too', async () => {
    inner.respond('gzip', 503);
    inner.tell.onData(gzipSync('down for repairs'));
    inner.tell.onEnd();
    await ended();
    expect(told).toMatchObject({ status: 503, text: 'down for repairs' });
  });

  it.each(['gzip, br', 'zstd', 'identity', undefined])('passes through what is in %s', async (coding) => {
    const headers = { 'content-encoding': coding, 'content-length': '3' };
    inner.tell.onSent();
    expect(told.sent).toBe(true);
    inner.tell.onResponse(200, headers);
    expect(told.headers).toBe(headers);
    inner.tell.onData(Buffer.from('abc'));
    expect(told.text).toBe('abc');
    exchange.pause();
    exchange.resume();
    expect(inner.calls).toEqual(['pause', 'resume']);
    inner.tell.onEnd();
    expect(told.outcome).toBe('end');
  });

  it('passes on that the request failed before it was answered', () => {
    const failure = new Error('connect ECONNREFUSED');
    inner.tell.onError(failure);
    expect(told.outcome).toBe(failure);
  });

  it('takes a body without any bytes for empty', () => {
    inner.respond('gzip', 204);
    inner.tell.onData(new Uint8Array());
    inner.tell.onEnd();
    expect(told).toMatchObject({ bytes: 0, outcome: 'end' });
  });

  it('decompresses gzip members one after the other', async () => {
    inner.respond('gzip');
    for (const text of ['data: a\n\n', 'data: b\n\n']) {
      inner.tell.onData(gzipSync(text));
      await told.until(() => told.text.endsWith(text));
    }
    inner.tell.onEnd();
    await ended();
    expect(told).toMatchObject({ text: 'data: a\n\ndata: b\n\n', outcome: 'end' });
  });

  it('ends, and gives the connection up, where bytes follow the complete data', async () => {
    inner.respond('deflate');
    inner.tell.onData(Buffer.concat([deflateSync('data: a\n\n'), Buffer.from('more')]));
    await ended();
    expect(told).toMatchObject({ text: 'data: a\n\n', outcome: 'end' });
    expect(inner.calls).toEqual(['abort']);
  });

  it('tells nothing after abort(), which resolves when the connection is gone', async () => {
    let gone = false;
    let aborted: Promise<void> = Promise.reject(new Error('not aborted'));
    aborted.catch(() => {});
    told.onChunk = () => {
      aborted = exchange.abort().then(() => {
        gone = true;
      });
    };
    inner.respond('gzip');
    inner.tell.onData(gzipSync('x'.repeat(100_000)));
    await told.until(({ chunks }) => chunks > 0);
    inner.tell.onData(Buffer.from('more'));
    inner.tell.onError(new Error('late'));
    inner.tell.onEnd();
    await manyTurns();
    expect(told).toMatchObject({ chunks: 1, outcome: undefined });
    expect(gone).toBe(false);
    inner.letGo();
    await aborted;
    expect(gone).toBe(true);
  });

  it('tells nothing of a response that comes after abort()', () => {
    void exchange.abort();
    inner.tell.onSent();
    inner.respond('gzip');
    inner.tell.onEnd();
    expect(told).toMatchObject({ sent: false, status: undefined, outcome: undefined });
  });

  it('passes nothing through after abort()', () => {
    inner.respond(undefined);
    void exchange.abort();
    inner.tell.onData(Buffer.from('data: a\n\n'));
    inner.tell.onEnd();
    expect(told).toMatchObject({ status: 200, chunks: 0, outcome: undefined });
  });

  it('tells nothing of what is left when it is resumed just before abort()', async () => {
    told.onChunk = () => exchange.pause();
    inner.respond('gzip');
    inner.tell.onData(gzipSync('x'.repeat(100_000)));
    await told.until(({ chunks }) => chunks > 0);
    await manyTurns();
    exchange.resume();
    void exchange.abort();
    await manyTurns();
    expect(told).toMatchObject({ chunks: 1, outcome: undefined });
  });

  it.each<[string, () => unknown]>([
    ['abort()', () => exchange.abort()],
    ['an end', () => inner.tell.onEnd()],
    ['an error', () => inner.tell.onError(new Error('lost'))],
  ])('keeps no decompressor after %s', async (_what, finish) => {
    inner.respond('gzip');
    const destroy = jest.spyOn(Object.getPrototypeOf(createGunzip()), 'destroy');
    inner.tell.onData(gzipSync('data: a\n\n'));
    await told.until(({ chunks }) => chunks > 0);
    finish();
    await manyTurns();
    expect(destroy).toHaveBeenCalled();
    destroy.mockRestore();
  });

  it.each<[string, () => void]>([
    ['an error', () => inner.tell.onData(Buffer.from('xx'))],
    ['the end', () => inner.tell.onData(Buffer.concat([deflateSync('a'), Buffer.from('more')]))],
  ])('tells nothing after %s', async (_what, finish) => {
    inner.respond('deflate');
    finish();
    await ended();
    inner.tell.onData(deflateSync('late'));
    inner.tell.onError(new Error('late'));
    inner.tell.onEnd();
    await manyTurns();
    expect(told.late).toEqual([]);
  });
});
