import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LiveTicks } from './live-ticks.js';

describe('the ticks of live views', () => {
  let ticks: LiveTicks;
  const woken: string[] = [];

  beforeEach(() => {
    jest.useFakeTimers();
    ticks = new LiveTicks();
    woken.length = 0;
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  function wait(name: string, signal = new AbortController().signal): Promise<void> {
    return ticks.next(signal).then(() => {
      woken.push(name);
    });
  }

  it('need no timer while nobody waits', async () => {
    expect(jest.getTimerCount()).toBe(0);
    const waiting = wait('a');
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(1000);
    await waiting;
    expect(jest.getTimerCount()).toBe(0);
  });

  it('come to all at once, from one timer', async () => {
    const first = wait('a');
    jest.advanceTimersByTime(600);
    const second = wait('b');
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(399);
    await Promise.resolve();
    expect(woken).toEqual([]);
    jest.advanceTimersByTime(1);
    await Promise.all([first, second]);
    expect(woken).toEqual(['a', 'b']);
  });

  it('wake whoever leaves at once, and take the timer away with the last', async () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const waiting = [wait('a', one.signal), wait('b', other.signal)];
    one.abort();
    await waiting[0];
    expect(jest.getTimerCount()).toBe(1);
    other.abort();
    await waiting[1];
    expect(jest.getTimerCount()).toBe(0);
    await wait('c', one.signal);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('keep nobody waiting when the application closes', async () => {
    const waiting = wait('a');
    ticks.onModuleDestroy();
    await waiting;
    expect(jest.getTimerCount()).toBe(0);
  });
});
