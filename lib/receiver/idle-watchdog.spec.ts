import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { IdleWatchdog } from './idle-watchdog.js';

describe('IdleWatchdog', () => {
  const onIdle = jest.fn();

  beforeEach(() => {
    jest.useFakeTimers();
    onIdle.mockClear();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  function startWatchdog(fixedMs?: number): IdleWatchdog {
    const watchdog = new IdleWatchdog(fixedMs, onIdle);
    watchdog.start();
    return watchdog;
  }

  function pingAfter(watchdog: IdleWatchdog, silenceMs: number): void {
    jest.advanceTimersByTime(silenceMs);
    watchdog.sawBytes();
    watchdog.sawPing();
  }

  /** It tells after exactly so many milliseconds, and only once. */
  function expectIdleAfter(ms: number): void {
    jest.advanceTimersByTime(ms - 1);
    expect(onIdle).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    expect(onIdle).toHaveBeenCalledWith(ms);
    jest.advanceTimersByTime(10 * ms);
    expect(onIdle).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  }

  it('tells after 5 minutes when the server shows nothing', () => {
    startWatchdog();
    expectIdleAfter(300_000);
  });

  it('counts from the last byte', () => {
    const watchdog = startWatchdog();
    jest.advanceTimersByTime(299_999);
    watchdog.sawBytes();
    expectIdleAfter(300_000);
  });

  it('takes three times the longest silence once a ping has ended one', () => {
    const watchdog = startWatchdog();
    pingAfter(watchdog, 20_000);
    pingAfter(watchdog, 30_000);
    pingAfter(watchdog, 5_000);
    expectIdleAfter(90_000);
  });

  it('never takes less than 45 s', () => {
    const watchdog = startWatchdog();
    pingAfter(watchdog, 2_000);
    expectIdleAfter(45_000);
  });

  it('takes no greeting, and no comment amid traffic, for a ping', () => {
    const watchdog = startWatchdog();
    pingAfter(watchdog, 5);
    jest.advanceTimersByTime(20_000);
    watchdog.sawBytes();
    pingAfter(watchdog, 999);
    expectIdleAfter(300_000);
  });

  it('keeps to a fixed limit whatever the server shows', () => {
    const watchdog = startWatchdog(7_000);
    pingAfter(watchdog, 5_000);
    expectIdleAfter(7_000);
  });

  it('never tells anything with 0', () => {
    const watchdog = startWatchdog(0);
    pingAfter(watchdog, 5_000);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('rests while stopped, and then counts anew', () => {
    const watchdog = startWatchdog(7_000);
    jest.advanceTimersByTime(6_000);
    watchdog.stop();
    watchdog.sawPing();
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(60_000);
    watchdog.start();
    watchdog.start();
    expect(jest.getTimerCount()).toBe(1);
    expectIdleAfter(7_000);
  });
});
