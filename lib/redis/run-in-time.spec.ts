import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RedisLink } from './redis-link.js';
import { RedisScript } from './redis-script.js';
import { runInTime } from './run-in-time.js';

const CALL = { script: new RedisScript('return 1'), keys: ['key'], args: [] };

describe('a script with a time limit', () => {
  let reconnects: number;

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    reconnects = 0;
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const linkOf = (link: Partial<RedisLink>) =>
    ({
      whenReady: async () => {},
      reconnect: () => {
        reconnects += 1;
      },
      ...link,
    }) as RedisLink;

  /** Until it is given up: as links do it. */
  const away = linkOf({
    whenReady: (signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('no connection')))),
  });
  const silent = linkOf({ send: () => new Promise(() => {}) });

  it('gives the reply, and leaves no timer', async () => {
    expect(await runInTime(linkOf({ send: async () => 'reply' }), CALL, 1_000)).toBe('reply');
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([
    ['connection', away, 0],
    ['answer', silent, 1],
  ])('fails without %s in time, and gives up only a connection that does not answer', async (what, link, expected) => {
    const refused = expect(runInTime(link, CALL, 1_000)).rejects.toThrow(`Redis gave no ${what} within 1000 ms`);
    await jest.advanceTimersByTimeAsync(1_000);
    await refused;
    expect(reconnects).toBe(expected);
  });

  it.each([
    ['there is no connection', away],
    ['there is no answer', silent],
  ])('leaves nothing when its signal is aborted while %s, and keeps the connection', async (_, link) => {
    const aborter = new AbortController();
    const refused = expect(runInTime(link, CALL, 1_000, aborter.signal)).rejects.toThrow('not wanted');
    await jest.advanceTimersByTimeAsync(1);
    aborter.abort(new Error('not wanted'));
    await refused;
    expect([jest.getTimerCount(), reconnects]).toEqual([0, 0]);
  });

  it('is not sent when its signal was aborted before', async () => {
    const send = jest.fn(async () => 'reply');
    const whenReady = async (signal: AbortSignal) => signal.throwIfAborted();
    const given = runInTime(linkOf({ send, whenReady }), CALL, 1_000, AbortSignal.abort(new Error('not wanted')));
    await expect(given).rejects.toThrow('not wanted');
    expect([send.mock.calls.length, jest.getTimerCount()]).toEqual([0, 0]);
  });
});
