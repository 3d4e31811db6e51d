import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { chunksOf } from '../../test/pusher/support/chunks.js';
import { eventually } from '../../test/pusher/support/eventually.js';
import { type OpenExchange, openExchange } from '../../test/pusher/support/exchange.js';
import { isPending } from '../../test/pusher/support/fill.js';
import { EventStream } from './event-stream.js';
import { LoopTurn } from './loop-turn.js';
import { SseOverflowError } from './overflow.error.js';
import { RepeatedPart } from './repeated-part.js';
import { StreamClock } from './stream-clock.js';
import type { StreamSettings } from './stream-settings.js';
import { STREAM_DEFAULTS } from './stream-settings.js';
import { StreamTraffic } from './stream-traffic.js';

const BLOCK = `data: ${'x'.repeat(60_000)}\n\n`;

describe('EventStream', () => {
  let peer: OpenExchange;
  const told: string[] = [];

  beforeEach(async () => {
    peer = await openExchange();
    told.length = 0;
  });

  afterEach(() => peer.close());

  /** The test is the clock: nothing ticks but by its hand. */
  function createStream(settings: Partial<StreamSettings> = {}): EventStream {
    const info = { streamId: 1, route: 'GET /', lastEventId: undefined, keys: {} };
    return new EventStream(
      peer.exchange,
      info,
      { ...STREAM_DEFAULTS, retryMs: false, ...settings },
      {
        clock: new StreamClock(),
        turn: new LoopTurn(),
        pings: new RepeatedPart(),
        random: () => 0.5,
        observer: {
          created: () => told.push('created'),
          opened: () => told.push('opened'),
          closed: (_, reason) => told.push(`closed: ${reason}`),
          writeFailed: (_, error) => told.push(`write failed: ${error}`),
          gone: () => told.push('gone'),
        },
        traffic: new StreamTraffic(),
        turnAway: (_, why) => told.push(`turned away: ${why}`),
      },
    );
  }

  /** Sends blocks until the peer, which has stopped reading, holds no more. */
  async function stall(stream: EventStream): Promise<{ waiting: Promise<boolean> }> {
    stream.open();
    await peer.client.untilText('\r\n\r\n');
    peer.client.pause();
    for (let blocks = 0; blocks < 1000; blocks++) {
      const waiting = Promise.resolve(stream.send(BLOCK));
      if (await isPending(waiting)) {
        return { waiting };
      }
    }
    throw new Error('The peer took everything');
  }

  it('tells of each step once', async () => {
    const stream = createStream();
    expect(stream.state).toBe('pending');
    expect(stream.bufferedBytes).toBe(0);
    stream.open();
    stream.open();
    stream.end('ended');
    stream.end('shutdown');
    stream.destroy('error');
    await stream.gone();
    await stream.gone();
    expect(told).toEqual(['created', 'opened', 'closed: ended', 'gone']);
  });

  it('jitters the reconnect delay upwards, and keeps it within what a timer can wait', async () => {
    const stream = createStream({ retryMs: 1000 });
    stream.end('ended');
    await peer.client.untilText('retry: 1250\n\n');

    await peer.close();
    peer = await openExchange();
    createStream({ retryMs: 2 ** 31 - 1 }).end('ended');
    await peer.client.untilText('retry: 2147483647\n\n');
  });

  describe('as time goes by', () => {
    let now = 0;

    beforeEach(() => {
      now = 0;
      jest.spyOn(performance, 'now').mockImplementation(() => now);
    });

    afterEach(() => {
      jest.restoreAllMocks();
    });

    function tickAt(time: number, stream: EventStream): void {
      now = time;
      stream.tick(now);
    }

    it('pings when the time has come, and not again before the next', async () => {
      const stream = createStream({ pingMs: 1000 });
      stream.open();
      await peer.client.untilText('\r\n\r\n');
      tickAt(900, stream);
      tickAt(1001, stream);
      stream.send('data: after\n\n');
      await peer.client.untilText('data: after\n\n');
      expect(chunksOf(peer.client.text).join('')).toBe(': ping\n\ndata: after\n\n');
    });

    it('neither pings nor ends twice once it is closed', async () => {
      const stream = createStream({ pingMs: 10, maxAgeMs: 10 });
      stream.open();
      stream.end('ended');
      tickAt(1000, stream);
      await stream.gone();
      tickAt(1000, stream);
      await peer.client.untilText('\r\n0\r\n\r\n');
      expect(chunksOf(peer.client.text)).toEqual([]);
      expect(stream.closeReason).toBe('ended');
    });

    it('ends of age', async () => {
      const stream = createStream({ maxAgeMs: 1000, closeMessage: 'later' });
      stream.open();
      tickAt(999, stream);
      expect(stream.state).toBe('open');
      tickAt(1001, stream);
      expect(stream.closeReason).toBe('max-age');
      await peer.client.untilText('data: later\n\n');
    });

    it('does not ping a peer that has enough to read, and cuts it off when it takes nothing for too long', async () => {
      const stream = createStream({ pingMs: 10, writeTimeoutMs: 1000 });
      const { waiting } = await stall(stream);
      const buffered = stream.bufferedBytes;
      tickAt(900, stream);
      expect(stream.bufferedBytes).toBe(buffered);
      expect(stream.state).toBe('open');
      tickAt(2500, stream);
      expect(stream.closeReason).toBe('stalled');
      expect(await waiting).toBe(false);
      expect(stream.isGone).toBe(true);
    });

    it('is patient with a peer that takes something every now and then', async () => {
      const stream = createStream({ writeTimeoutMs: 1000, maxBufferedBytes: 100 * BLOCK.length });
      await stall(stream);
      for (let read = 0; read < 3; read++) {
        const before = stream.bufferedBytes;
        peer.client.resume();
        await eventually(() => stream.bufferedBytes < before);
        peer.client.pause();
        await stall(stream);
        tickAt(now + 900, stream);
        expect(stream.state).toBe('open');
      }
    });

    it('cuts off a peer that does not read to the end, when it was ended in good order', async () => {
      const stream = createStream({ writeTimeoutMs: 1000 });
      await stall(stream);
      stream.end('ended');
      const gone = stream.gone();
      expect(await isPending(gone)).toBe(true);
      tickAt(100, stream);
      tickAt(5000, stream);
      await gone;
      expect(stream.closeReason).toBe('ended');
      expect(told).toEqual(['created', 'opened', 'closed: ended', 'gone']);
    });
  });

  it('refuses what is more than it may hold, and sends nothing of it', async () => {
    const stream = createStream({ maxBufferedBytes: 128 * 1024 });
    expect(() => stream.send('x'.repeat(128 * 1024 + 1))).toThrow(/larger than the option 'maxBufferedBytes', 131072/);
    expect(stream.state).toBe('pending');
    await stall(stream);
    while (stream.bufferedBytes + BLOCK.length <= 128 * 1024) {
      void stream.send(BLOCK);
    }
    const { bufferedBytes } = stream;
    const refusal = { messageBytes: BLOCK.length, bufferedBytes, maxBufferedBytes: 128 * 1024 };
    expect(() => stream.send(BLOCK)).toThrow(SseOverflowError);
    expect(() => stream.send(BLOCK)).toThrow(expect.objectContaining(refusal));
    expect(stream.bufferedBytes).toBe(bufferedBytes);
    expect(stream.state).toBe('open');
  });

  it('never refuses whoever waits for each push, however large the messages', async () => {
    const stream = createStream({ maxBufferedBytes: 128 * 1024 });
    const largest = `data: ${'x'.repeat(128 * 1024 - 8)}\n\n`;
    for (let pushes = 0; pushes < 50; pushes++) {
      expect(await stream.send('data: small\n\n')).toBe(true);
      expect(await stream.send(`data: ${'y'.repeat(60_000)}\n\n`)).toBe(true);
      expect(await stream.send(largest)).toBe(true);
    }
  });

  describe('when middleware has broken the response', () => {
    beforeEach(() => {
      peer.response.write = () => {
        throw new Error('broken');
      };
    });

    it('is cut off, and says that a large message was not sent', () => {
      const stream = createStream();
      expect(stream.send(`data: ${'x'.repeat(100_000)}\n\n`)).toBe(false);
      expect(told).toEqual(['created', 'opened', 'write failed: Error: broken', 'closed: error', 'gone']);
    });

    it('harms no other stream of the turn', async () => {
      const broken = createStream();
      const other = await openExchange();
      const healthy = new EventStream(other.exchange, broken.info, broken.settings, broken.services);
      broken.send('data: a\n\n');
      healthy.send('data: b\n\n');
      await other.client.untilText('data: b\n\n');
      expect(broken.state).toBe('closed');
      expect(healthy.state).toBe('open');
      await other.close();
    });
  });

  it('does not open a response that somebody else has answered', async () => {
    const stream = createStream();
    peer.response.writeHead(404).end();
    expect(stream.send('data: a\n\n')).toBe(false);
    expect(stream.state).toBe('closed');
    expect(await peer.client.until((text) => text.includes('\r\n\r\n'))).toMatch(/^HTTP\/1\.1 404 /);
    expect(told).toEqual(['created', 'gone']);
  });

  it('takes note when somebody else answers the response that it holds', async () => {
    const stream = createStream();
    peer.response.writeHead(404).end();
    await stream.gone();
    expect(stream.closeReason).toBe('error');
  });

  it('is closed from the start for a client that has left', async () => {
    peer.client.reset();
    await eventually(() => peer.exchange.gone);
    const stream = createStream();
    expect(stream.closeReason).toBe('client');
    let closed = 0;
    stream.onceClosed(() => closed++)();
    stream.onceDecided(() => closed++);
    expect(closed).toBe(2);
    expect(peer.response.listenerCount('close')).toBe(0);
    expect(told).toEqual(['created', 'gone']);
  });

  it('tells late listeners at once, and takes off those that ask for it', () => {
    const stream = createStream();
    const heard: string[] = [];
    stream.onceClosed(() => heard.push('taken off'))();
    stream.open();
    stream.onceDecided(() => heard.push('open'));
    stream.end('ended');
    stream.onceClosed(() => heard.push('closed'));
    expect(heard).toEqual(['open', 'closed']);
  });

  it('lets go of everything that it listened to', async () => {
    const { socket } = peer.exchange;
    const before = socket!.listeners('close');
    const stream = createStream();
    stream.open();
    expect(socket!.listeners('close')).toHaveLength(before.length + 1);
    stream.end('ended');
    await stream.gone();
    expect(before).toEqual(expect.arrayContaining(socket!.listeners('close')));
    expect(peer.response.listenerCount('close')).toBe(0);
    expect(peer.response.listenerCount('drain')).toBe(0);
  });
});
