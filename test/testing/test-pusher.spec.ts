import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { SsePusher } from 'nestjs-event-stream';
import { createTestPusher } from 'nestjs-event-stream/testing';
import { concat, NEVER, of } from 'rxjs';

describe('createTestPusher()', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('keeps what is pushed, as a client receives it, without a turn to wait for', () => {
    const pusher: SsePusher<{ n: number }> & { messages: unknown } = createTestPusher<{ n: number }>();
    expect(pusher.state).toBe('pending');
    void pusher.push({ id: '7', event: 'n', data: 1 });
    void pusher.push('text');
    expect(pusher.messages).toMatchObject([
      { event: 'n', data: '1', id: '7' },
      { event: 'message', data: 'text', lastEventId: '7' },
    ]);
    expect(pusher.state).toBe('open');
  });

  it('keeps comments, and sends no pings unless asked to', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    const quiet = createTestPusher();
    const pinging = createTestPusher({ pingMs: 1000 });
    await Promise.all([quiet.comment('a'), pinging.comment('a')]);
    expect(quiet.comments).toEqual(['a']);
    await jest.advanceTimersByTimeAsync(1100);
    expect(pinging.comments).toEqual(['a', 'ping']);
    expect(quiet.comments).toEqual(['a']);
    jest.useRealTimers();
    pinging.abort();
  });

  it('refuses what cannot be sent, and lives on', async () => {
    const pusher = createTestPusher();
    await expect(pusher.push({ id: 'a\nb' })).rejects.toMatchObject({ code: 'SSE_INVALID_MESSAGE', field: 'id' });
    await expect(pusher.push('x'.repeat(2 ** 21))).rejects.toMatchObject({ code: 'SSE_OVERFLOW' });
    expect(await pusher.push('fine')).toBe(true);
    expect(pusher.messages.map(({ data }) => data)).toEqual(['fine']);
  });

  it('logs a rejection that nobody awaits, as a real one', async () => {
    const log = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    void createTestPusher().push({ retry: -1 });
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(log).toHaveBeenCalledWith(expect.stringContaining('nobody awaited it'));
  });

  it('takes nothing after it was closed, and tells why', async () => {
    const pusher = createTestPusher();
    void pusher.push('before');
    await pusher.close();
    expect(await pusher.push('after')).toBe(false);
    expect(pusher.messages.map(({ data }) => data)).toEqual(['before']);
    expect(pusher.signal.reason).toEqual({ reason: 'ended' });
  });

  it.each([
    [undefined, 'client'],
    ['shutdown', 'shutdown'],
  ] as const)('is aborted with %s', async (given, reason) => {
    const pusher = createTestPusher();
    const { signal } = pusher;
    void pusher.push('before');
    pusher.abort(given);
    expect(signal.aborted && signal.reason).toEqual({ reason });
    expect(await pusher.push('after')).toBe(false);
    expect(pusher.messages.map(({ data }) => data)).toEqual(['before']);
    await pusher.close();
  });

  it('is aborted before anything was pushed, too', () => {
    const pusher = createTestPusher();
    pusher.abort();
    expect(pusher.state).toBe('closed');
    expect(pusher.messages).toEqual([]);
  });

  it('pipes, and lets go of the source when it is aborted', async () => {
    const pusher = createTestPusher();
    const piped = pusher.pipe(concat(of('a', { type: 'nest', data: 'b' }), NEVER));
    expect(pusher.messages.map(({ event, data }) => [event, data])).toEqual([
      ['message', 'a'],
      ['nest', 'b'],
    ]);
    pusher.abort();
    await piped;
    async function* numbers() {
      yield* ['1', '2'];
    }
    const ended = createTestPusher({ closeMessage: 'bye' });
    await ended.pipe(numbers(), { end: true });
    expect(ended.messages.map(({ data }) => data)).toEqual(['1', '2', 'bye']);
    expect(ended.state).toBe('closed');
  });

  it('has the id that the client has sent, and the options of a route', () => {
    expect(createTestPusher({ lastEventId: 'ü7' }).lastEventId).toBe('ü7');
    expect(createTestPusher().lastEventId).toBeUndefined();
    const pusher = createTestPusher({ serialize: () => 'serialized' });
    void pusher.push({ data: {} });
    expect(pusher.messages[0]?.data).toBe('serialized');
    expect(() => createTestPusher({ pingMs: -1 })).toThrow(expect.objectContaining({ code: 'SSE_OPTIONS' }));
  });
});
