import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pause, resolvesWithin } from './waiting.js';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

describe('a pause', () => {
  it('lasts as long as it says', async () => {
    const over = jest.fn();
    void pause(1000, new AbortController().signal).then(over);
    await jest.advanceTimersByTimeAsync(999);
    expect(over).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    expect(over).toHaveBeenCalled();
  });

  it('is over when the signal is aborted, and leaves no timer', async () => {
    const aborter = new AbortController();
    const over = pause(1000, aborter.signal);
    aborter.abort();
    await over;
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not begin when the signal is aborted already', async () => {
    await pause(1000, AbortSignal.abort());
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a promise with a limit', () => {
  it('may be in time, and leaves no timer', async () => {
    expect(await resolvesWithin(Promise.resolve(), 1000)).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('may be late', async () => {
    const inTime = resolvesWithin(new Promise(() => {}), 1000);
    await jest.advanceTimersByTimeAsync(1000);
    expect(await inTime).toBe(false);
  });
});
