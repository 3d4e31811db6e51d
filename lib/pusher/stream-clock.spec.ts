import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { StreamClock, type Timed } from './stream-clock.js';
import { StreamTiming } from './stream-timing.js';

/** Pings like a stream does, and notes when. */
class PingedStream {
  readonly pings: number[] = [];
  readonly #timing: StreamTiming;

  constructor(pingMs: number) {
    this.#timing = new StreamTiming({ pingMs, writeTimeoutMs: 0, maxAgeMs: 0 }, performance.now(), 0);
  }

  write(): void {
    this.#timing.wrote(performance.now());
  }

  tick(now: number): void {
    if (this.#timing.due(now, 0, 0) === 'ping') {
      this.pings.push(now);
      this.#timing.wrote(now);
    }
  }
}

describe('StreamClock', () => {
  let clock: StreamClock;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    clock = new StreamClock();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  /** @returns stops it */
  function watch(target: Timed, periodMs: number): () => void {
    clock.watch(target, periodMs);
    return () => clock.unwatch(target, periodMs);
  }

  it.each([12, 100, 1000, 15_000, 30_000, 3_600_000])('never asks early and at most 10 % late: %d ms', (pingMs) => {
    const streams: { stream: PingedStream; openedAt: number }[] = [];
    for (let opened = 0; opened < 20; opened++) {
      const stream = new PingedStream(pingMs);
      streams.push({ stream, openedAt: performance.now() });
      clock.watch(stream, pingMs);
      jest.advanceTimersByTime(Math.ceil(pingMs / 37));
    }
    jest.advanceTimersByTime(pingMs * 4);
    for (const { stream, openedAt } of streams) {
      expect(stream.pings.length).toBeGreaterThanOrEqual(3);
      stream.pings.reduce((last, ping) => {
        expect(ping - last).toBeGreaterThanOrEqual(pingMs);
        expect(ping - last).toBeLessThanOrEqual(pingMs * 1.1);
        return ping;
      }, openedAt);
    }
  });

  it('waits again from each write on', () => {
    const stream = new PingedStream(1000);
    clock.watch(stream, 1000);
    for (let written = 0; written < 20; written++) {
      jest.advanceTimersByTime(900);
      stream.write();
    }
    expect(stream.pings).toEqual([]);
    jest.advanceTimersByTime(1100);
    expect(stream.pings).toHaveLength(1);
  });

  it('needs one timer for all streams of a period, and none when they have gone', () => {
    const stops = Array.from({ length: 1000 }, () => watch({ tick() {} }, 15_000));
    expect(jest.getTimerCount()).toBe(1);
    const stopOther = watch({ tick() {} }, 5000);
    expect(jest.getTimerCount()).toBe(2);
    for (const stop of stops) {
      stop();
    }
    expect(jest.getTimerCount()).toBe(1);
    stopOther();
    stopOther();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('asks again when streams come after all had gone', () => {
    watch({ tick() {} }, 1000)();
    const stream = new PingedStream(1000);
    clock.watch(stream, 1000);
    jest.advanceTimersByTime(1100);
    expect(stream.pings).toHaveLength(1);
  });

  it('does not stop the timer of newcomers when somebody leaves twice', () => {
    const stop = watch({ tick() {} }, 1000);
    stop();
    const stream = new PingedStream(1000);
    clock.watch(stream, 1000);
    stop();
    jest.advanceTimersByTime(1100);
    expect(stream.pings).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(1);
  });

  it('asks many streams in slices, between which the event loop goes on', async () => {
    const asked: number[] = [];
    for (let number = 0; number < 1000; number++) {
      clock.watch({ tick: () => asked.push(number) }, 1200);
    }
    jest.advanceTimersByTime(100);
    expect(asked).toHaveLength(256);
    await new Promise(setImmediate);
    expect(asked).toHaveLength(512);
    while (asked.length < 1000) {
      await new Promise(setImmediate);
    }
    expect(asked).toEqual(Array.from({ length: 1000 }, (_, number) => number));
  });

  it('asks nobody twice when a sweep takes longer than its interval, nor anyone who has left in between', async () => {
    const asked: number[] = [];
    const stops = Array.from({ length: 600 }, (_, number) => watch({ tick: () => asked.push(number) }, 1200));
    jest.advanceTimersByTime(300);
    stops[599]!();
    while (asked.length < 599) {
      await new Promise(setImmediate);
    }
    await new Promise(setImmediate);
    expect(asked).toEqual(Array.from({ length: 599 }, (_, number) => number));
  });

  it('goes on when somebody throws, and says so once a sweep', () => {
    const errors = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    const fail = () => {
      throw new Error('broken tick');
    };
    watch({ tick: fail }, 1200);
    watch({ tick: fail }, 1200);
    const asked: number[] = [];
    watch({ tick: (now) => asked.push(now) }, 1200);
    jest.advanceTimersByTime(200);
    expect(asked).toHaveLength(2);
    expect(errors).toHaveBeenCalledTimes(2);
    expect(errors.mock.calls[0]![0]).toContain('broken tick');
    errors.mockRestore();
  });
});
