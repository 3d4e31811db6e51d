import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { Pusher, SsePusher, SseStream, SseStreamRegistry } from 'nestjs-event-stream';
import { openStream, type TestStream } from 'nestjs-event-stream/testing';
import { stopClock } from '../pusher/support/fake-clock.js';
import { fill } from '../pusher/support/fill.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { failureOf } from './support/failure-of.js';

describe.each(PLATFORMS)('TestStream on %s', (platform) => {
  let app: TestApp;
  let pusher: SsePusher;
  let registry: SseStreamRegistry;

  @Controller()
  class PushController {
    @SseStream('push')
    push(@Pusher() taken: SsePusher) {
      pusher = taken;
    }
  }

  beforeEach(async () => {
    app = await startApp(platform, { controllers: [PushController], sse: { retryMs: false } });
    registry = app.app.get(SseStreamRegistry);
  });

  afterEach(() => {
    jest.useRealTimers();
    return app.close();
  });

  function open(): Promise<TestStream> {
    return openStream(app.app, '/push');
  }

  describe('takes messages', () => {
    it('once each, in order, and keeps all of them', async () => {
      const stream = await open();
      const first = stream.next();
      const two = stream.take(2);
      for (const n of [1, 2, 3, 4]) {
        await pusher.push({ id: `${n}`, event: 'n', data: n });
      }
      expect((await first).data).toBe('1');
      expect((await two).map(({ data }) => data)).toEqual(['2', '3']);
      expect(await stream.next()).toMatchObject({ event: 'n', data: '4', id: '4', lastEventId: '4' });
      expect(stream.messages.map(({ data }) => data)).toEqual(['1', '2', '3', '4']);
      expect(stream.lastEventId).toBe('4');
      expect(stream.text).toBe([1, 2, 3, 4].map((n) => `id: ${n}\nevent: n\ndata: ${n}\n\n`).join(''));
    });

    it('or none of them, when too few come', async () => {
      const stream = await open();
      await pusher.push('only');
      const error = await failureOf(stream.take(2, 1));
      expect(error.message).toBe(
        'GET /push (200): 2 messages did not come within 1 ms. What came: 1 message, "message: only"',
      );
      expect((await stream.next()).data).toBe('only');
    });

    it('in a loop, until the server ends the stream', async () => {
      const stream = await open();
      const seen: string[] = [];
      for (const data of ['a', 'b']) {
        void pusher.push(data);
      }
      for await (const { data } of stream) {
        seen.push(data);
        if (data === 'a') break;
      }
      void pusher.close();
      for await (const { data } of stream) {
        seen.push(data);
      }
      expect(seen).toEqual(['a', 'b']);
      expect(await stream.closed).toBe('ended');
    });

    it('in a loop, until the test leaves it, and not beyond a lost connection', async () => {
      const left = await open();
      const loop = (async () => {
        for await (const message of left) void message;
      })();
      await left.close();
      await loop;
      const lost = await open();
      await pusher.push('x');
      await lost.next();
      app.app.getHttpServer().closeAllConnections();
      const error = await failureOf(
        (async () => {
          for await (const message of lost) void message;
        })(),
      );
      expect(error).toMatchObject({ code: 'SSE_TEST', problem: 'cut' });
      expect(await lost.closed).toBe('cut');
    });
  });

  describe('tells what came, where nothing comes', () => {
    it('in time', async () => {
      const stream = await open();
      for (let n = 1; n <= 7; n++) {
        await pusher.push({ id: `${n}`, event: 'n', data: 'x'.repeat(n === 7 ? 1000 : 1) });
      }
      await pusher.comment('note');
      await stream.take(7);
      const error = await failureOf(stream.next(1));
      expect(error.problem).toBe('timeout');
      expect(error.message).toMatch(
        /a message did not come within 1 ms\. What came: 7 messages, the last ones "3 n: x", .*"7 n: x{200}"; 1 comment, "note"$/,
      );
    });

    it('at all, for nothing was sent', async () => {
      const stream = await open();
      expect((await failureOf(stream.next(1))).message).toMatch(/What came: no message and no comment$/);
    });

    it('any more, after the messages that had come', async () => {
      const stream = await open();
      void pusher.push('last');
      void pusher.close();
      await stream.closed;
      expect((await stream.next()).data).toBe('last');
      const error = await failureOf(stream.next());
      expect(error).toMatchObject({ code: 'SSE_TEST', problem: 'ended' });
      expect(error.message).toContain('the server has ended the stream, and a message had not come');
      expect((await failureOf(stream.until(() => false))).problem).toBe('ended');
    });

    it('while it waits, and at once', async () => {
      const stream = await open();
      const waiting = [
        failureOf(stream.next(0)),
        failureOf(stream.take(3, 0)),
        failureOf(stream.until(() => false, 0)),
      ];
      await stream.cut();
      expect((await Promise.all(waiting)).map(({ problem }) => problem)).toEqual(['left', 'left', 'left']);
    });

    it('in real time, though the clock is stopped', async () => {
      const stream = await open();
      stopClock();
      expect((await failureOf(stream.next(1))).problem).toBe('timeout');
    });
  });

  describe('sees', () => {
    it('comments, pings and retry', async () => {
      const stream = await open();
      void pusher.comment('ping');
      void pusher.comment('other');
      void pusher.push({ retry: 70 });
      await stream.until(() => stream.retryMs === 70);
      expect(stream.comments).toEqual(['ping', 'other']);
      expect(stream.pings).toBe(1);
    });

    it('as many pings as the stopped clock has periods', async () => {
      stopClock();
      const stream = await open();
      for (let pings = 1; pings <= 3; pings++) {
        await jest.advanceTimersByTimeAsync(16_500);
        await stream.until(() => stream.pings === pings);
      }
      expect(stream.comments).toEqual(['ping', 'ping', 'ping']);
    });
  });

  describe('is a bad peer', () => {
    it('that stops reading, and goes on', async () => {
      const stream = await open();
      stream.stall();
      const { waiting, accepted } = await fill(pusher);
      expect(stream.messages.length).toBeLessThan(accepted);
      stream.resume();
      expect(await waiting).toBe(true);
      await stream.until(() => stream.messages.length === accepted, 0);
    });

    it('that reads what was sent before the end only after it', async () => {
      const stream = await open();
      stream.stall();
      void pusher.push('late');
      await pusher.close();
      const overWhileUnread = await Promise.race([
        stream.closed,
        new Promise((resolve) => setImmediate(resolve, 'no')),
      ]);
      expect(overWhileUnread).toBe('no');
      stream.resume();
      expect(await stream.closed).toBe('ended');
      expect((await stream.next()).data).toBe('late');
    });

    it('that does not read, and is cut off for it', async () => {
      stopClock();
      const stream = await open();
      stream.stall();
      const { waiting } = await fill(pusher);
      await jest.advanceTimersByTimeAsync(40_000);
      expect(await waiting).toBe(false);
      expect(registry.closedCounts().get('stalled')).toBe(1);
      stream.resume();
      expect(await stream.closed).toBe('cut');
    });

    it('that resets its connection', async () => {
      const stream = await open();
      const reset = new Promise<{ code?: string }>((resolve) => {
        app.app.getHttpServer().once('clientError', resolve);
      });
      await stream.cut();
      expect((await reset).code).toBe('ECONNRESET');
      expect(registry.closedCounts().get('client')).toBe(1);
    });

    it('that has vanished: it neither reads nor answers the end of the connection', async () => {
      stopClock();
      const stream = await open();
      stream.vanish();
      stream.resume();
      const { waiting } = await fill(pusher);
      await jest.advanceTimersByTimeAsync(40_000);
      expect(await waiting).toBe(false);
      expect(registry.closedCounts().get('stalled')).toBe(1);
      const closing = await Promise.race([stream.closed, new Promise((resolve) => setImmediate(resolve, 'open'))]);
      expect(closing).toBe('open');
      await stream.close();
      expect(await stream.closed).toBe('left');
    });
  });
});
