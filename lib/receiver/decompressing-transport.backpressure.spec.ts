import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ExchangeRecorder, manyTurns } from '../../test/receiver/support/exchange-recorder.js';
import { FakeTransport } from '../../test/receiver/support/fake-transport.js';
import { DecompressingTransport } from './decompressing-transport.js';
import type { Exchange, TransportRequest } from './transport.js';

const MIB = 1024 * 1024;
const REQUEST: TransportRequest = { url: new URL('http://127.0.0.1/stream'), method: 'GET', headers: [] };

describe('the backpressure of a DecompressingTransport', () => {
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

  it('hands out modest chunks, and none after pause()', async () => {
    pauseAtOnce();
    inner.respond('gzip');
    inner.tell.onData(gzipSync(Buffer.alloc(8 * MIB)));
    inner.tell.onEnd();
    await told.until(({ chunks }) => chunks > 0);
    await manyTurns();
    expect(told.chunks).toBe(1);
    expect(inner.calls).toEqual(['pause']);
    exchange.resume();
    await ended();
    expect(told).toMatchObject({ bytes: 8 * MIB, outcome: 'end' });
    expect(told.largestChunk).toBeLessThanOrEqual(64 * 1024);
  });

  it('is paused from the start when it was before the response', async () => {
    exchange.pause();
    inner.respond('gzip');
    inner.tell.onData(gzipSync('data: a\n\n'));
    await manyTurns();
    expect(told.chunks).toBe(0);
    exchange.resume();
    await told.until(({ text }) => text === 'data: a\n\n');
  });

  it('holds the connection up while it has enough to decompress', async () => {
    inner.respond('gzip');
    const noise = randomBytes(MIB);
    inner.tell.onData(gzipSync(noise));
    await told.until(({ chunks }) => chunks > 0);
    expect(inner.calls).toEqual(['pause']);
    await told.until(({ bytes }) => bytes === MIB);
    await inner.called(2);
    expect(inner.calls).toEqual(['pause', 'resume']);
    expect(told.text).toBe(noise.toString('latin1'));
  });

  it('goes on with the connection only when neither side holds it up', async () => {
    pauseAtOnce();
    inner.respond('gzip');
    inner.tell.onData(gzipSync(randomBytes(MIB)));
    await told.until(({ chunks }) => chunks > 0);
    exchange.resume();
    expect(inner.calls).toEqual(['pause', 'pause']);
    told.onChunk = () => told.bytes === MIB && exchange.pause();
    await told.until(({ bytes }) => bytes === MIB);
    await manyTurns();
    expect(inner.calls).toEqual(['pause', 'pause', 'pause']);
    exchange.resume();
    await inner.called(4);
    expect(inner.calls).toEqual(['pause', 'pause', 'pause', 'resume']);
  });
});
