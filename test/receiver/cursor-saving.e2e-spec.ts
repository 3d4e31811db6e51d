import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import {
  MemoryCursorStore,
  type SseCursorStore,
  type SseReceiverOptions,
  SseReceiverService,
  type SseSubscription,
} from '../../lib/receiver/index.js';
import { AT_ONCE, data, entered, failureOf, take, takeAll } from './support/consumers.js';
import { answer, ScriptedServer, stream, streamAndEnd } from './support/scripted-server.js';

describe('a subscription with a cursor store', () => {
  let server: ScriptedServer;
  let receiver: SseReceiverService;
  let store: MemoryCursorStore;

  beforeEach(async () => {
    server = await ScriptedServer.start();
    receiver = new SseReceiverService();
    store = new MemoryCursorStore();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await receiver.onModuleDestroy();
    await server.close();
  });

  const subscribe = (options: SseReceiverOptions = {}): SseSubscription =>
    receiver.subscribe(server.url, { name: 'letters', cursorStore: store, retry: AT_ONCE, ...options });
  const cursors = () => server.requests.map(({ headers }) => headers['last-event-id']);
  const letters = (...ids: number[]) => ids.map((id) => `id: ${id}\ndata: ${'-abcdef'[id]}\n\n`).join('');
  /** What the next owner would begin with. */
  const saved = async () => (await store.load('letters')).lastEventId;
  const quiet = () => jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});

  it('begins with the cursor that it is given while nothing is stored, and with what is stored after that', async () => {
    server.script(stream(letters(3)));
    await take(subscribe({ lastEventId: '2' }), 1);
    await store.save('letters', '5', (await store.load('letters')).fence);
    await take(subscribe({ lastEventId: '2' }), 1);
    expect(cursors()).toEqual(['2', '5']);
  });

  it('begins without a cursor where the server had cleared it', async () => {
    await store.save('letters', '', (await store.load('letters')).fence);
    server.script(stream(letters(1)));
    await take(subscribe({ lastEventId: '2' }), 1);
    expect(cursors()).toEqual([undefined]);
  });

  it('loads once, however many connections it takes', async () => {
    const load = jest.spyOn(store, 'load');
    server.script(streamAndEnd(letters(1)), answer(503), streamAndEnd(letters(2)), stream(letters(3)));
    const subscription = subscribe();
    await take(subscription, 2);
    await take(subscription, 1);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('for await: a message is saved when the loop asks for the next one', async () => {
    server.script(stream(letters(1, 2)));
    const save = jest.spyOn(store, 'save');
    const messages = subscribe()[Symbol.asyncIterator]();
    await messages.next();
    expect(save).not.toHaveBeenCalled();
    await messages.next();
    expect(save.mock.calls).toEqual([['letters', '1', 1]]);
  });

  it('for await: a loop that is left by throw has not finished its message: it comes again', async () => {
    server.script(stream(letters(1, 2)), stream(letters(2)));
    const subscription = subscribe();
    const loop = async () => {
      for await (const message of subscription) if (message.data === 'b') throw new Error('no b today');
    };
    await expect(loop()).rejects.toThrow('no b today');
    expect(data(await take(subscription, 1))).toEqual(['b']);
    expect(cursors()).toEqual([undefined, '1']);
    expect(await saved()).toBe('1');
  });

  it('for await: close() within the loop finishes the message, and the loop ends once it is saved', async () => {
    server.script(stream(letters(1, 2, 3)));
    const subscription = subscribe();
    for await (const message of subscription) if (message.data === 'b') await subscription.close();
    expect(await saved()).toBe('2');
  });

  it('process(): a message is saved when its handler has finished, and the promise resolves after that', async () => {
    server.script(streamAndEnd(letters(1, 2)), answer(204));
    const seen: (string | undefined)[] = [];
    const load = async () =>
      (store as unknown as { cursors: Map<string, { lastEventId?: string }> }).cursors.get('letters');
    await subscribe().process(async () => {
      seen.push((await load())?.lastEventId);
    });
    expect(seen).toEqual([undefined, '1']);
    expect(await saved()).toBe('2');
  });

  it('process(): a handler that finishes after close() counts', async () => {
    server.script(stream(letters(1, 2)));
    const subscription = subscribe();
    await subscription.process(async (_message, { signal }) => {
      await subscription.close();
      expect(signal.aborted).toBe(true);
    });
    expect(await saved()).toBe('1');
  });

  it('process(): a handler that fails holds the cursor', async () => {
    server.script(stream(letters(1, 2, 3)));
    const failing = subscribe().process(async ({ data }) => {
      if (data === 'b') throw new Error('no b today');
    });
    await expect(failing).rejects.toThrow('no b today');
    await receiver.onModuleDestroy();
    expect(await saved()).toBe('1');
  });

  it('saves an id that came without a message, once everything before it is finished', async () => {
    server.script(streamAndEnd(letters(1), 'id: 7\n\n'), answer(204));
    const subscription = subscribe();
    expect(data(await takeAll(subscription))).toEqual(['a']);
    expect(await saved()).toBe('7');
  });

  it('lets the slowest of several consumers count', async () => {
    server.script(stream(letters(1, 2, 3)));
    const subscription = subscribe();
    const slow = subscription[Symbol.asyncIterator]();
    const first = slow.next();
    const fast = subscription.process(async () => {});
    await first;
    await slow.next();
    await subscription.close();
    await fast;
    expect(await saved()).toBe('1');
  });

  it('lets nobody pass a message that another consumer has given up', async () => {
    server.script(stream(letters(1, 2, 3)));
    const subscription = subscribe();
    const others = subscription.process(async ({ data }) => {
      if (data === 'c') await subscription.close();
    });
    const failing = subscription.process(async ({ data }) => {
      if (data === 'b') throw new Error('no b today');
    });
    await expect(failing).rejects.toThrow('no b today');
    await others;
    expect(await saved()).toBe('1');
  });

  describe('that somebody else has taken over', () => {
    it('stops: what nobody has begun is not delivered, and nothing is saved', async () => {
      server.script(stream(letters(1, 2, 3)));
      const subscription = subscribe();
      const seen: string[] = [];
      let signal: AbortSignal | undefined;
      const processing = subscription.process(async (message, context) => {
        seen.push(message.data);
        signal = context.signal;
        if (message.data === 'a') await store.load('letters');
        else await entered(subscription, 'closed');
      });
      const failure = await failureOf(processing);
      expect(failure).toMatchObject({ code: 'SSE_CURSOR', reason: 'fenced', source: 'letters' });
      expect(seen).toEqual(['a', 'b']);
      expect(signal?.aborted).toBe(true);
      expect(await entered(subscription, 'closed')).toMatchObject({
        outcome: { kind: 'cursor', willRetry: false },
        error: { code: 'SSE_CURSOR' },
      });
      expect(await saved()).toBeUndefined();
      await server.deserted();
    });
  });

  describe('whose store fails', () => {
    /** A store that fails so many times, then works. */
    const failing = (method: 'load' | 'save', times: number): SseCursorStore => {
      let left = times;
      const fail = async () => {
        if (left-- > 0) throw new Error('the disk is full');
      };
      return {
        load: async (source) => {
          if (method === 'load') await fail();
          return store.load(source);
        },
        save: async (...what) => {
          if (method === 'save') await fail();
          return store.save(...what);
        },
      };
    };

    it('to load: is tried again as a lost connection is, and never begins without the cursor', async () => {
      await store.save('letters', '1', (await store.load('letters')).fence);
      server.script(stream(letters(2)));
      const subscription = subscribe({ cursorStore: failing('load', 2) });
      const waiting = entered(subscription, 'waiting');
      expect(data(await take(subscription, 1))).toEqual(['b']);
      expect((await waiting).outcome).toMatchObject({
        kind: 'cursor',
        willRetry: true,
        error: { code: 'SSE_CURSOR', reason: 'unavailable', cause: { message: 'the disk is full' } },
      });
      expect(cursors()).toEqual(['1']);
    });

    it('to load at all: gives up when the retry policy does', async () => {
      const options = { cursorStore: failing('load', 9), retry: { maxAttempts: 1 } };
      expect(await failureOf(takeAll(subscribe(options)))).toMatchObject({
        kind: 'cursor',
        cause: { reason: 'unavailable' },
      });
      expect(server.requests).toHaveLength(0);
    });

    it('to answer a load: is given up after connectTimeoutMs, and its late answer is ignored', async () => {
      server.script(stream(letters(1, 2)));
      let answerLate = () => {};
      const slow: SseCursorStore = {
        load: jest
          .fn<SseCursorStore['load']>((source) => store.load(source))
          .mockImplementationOnce(async (source) => {
            const cursor = await store.load(source);
            await new Promise<void>((resolve) => {
              answerLate = resolve;
            });
            return { ...cursor, lastEventId: 'old' };
          }),
        save: (...what) => store.save(...what),
      };
      const subscription = subscribe({ cursorStore: slow, connectTimeoutMs: 20 });
      const messages = subscription[Symbol.asyncIterator]();
      await messages.next();
      answerLate();
      await messages.next();
      await subscription.close();
      expect(cursors()).toEqual([undefined]);
      expect(subscription.lastEventId).toBe('1');
      await messages.next();
      expect(await saved()).toBe('2');
    });

    it('to save: is tried again, says so, and holds nothing up meanwhile', async () => {
      const error = quiet();
      server.script(streamAndEnd(letters(1, 2, 3)), answer(204));
      expect(data(await takeAll(subscribe({ cursorStore: failing('save', 1) })))).toEqual(['a', 'b', 'c']);
      expect(await saved()).toBe('3');
      expect(error.mock.calls.map(([line]) => line)).toEqual([
        'The cursor of "letters" could not be saved; it is tried again: the disk is full',
      ]);
    });

    it('to save at all: says at the end what that means, and ends', async () => {
      const error = quiet();
      server.script(stream(letters(1)));
      const subscription = subscribe({ cursorStore: failing('save', 99) });
      await subscription.process(async () => void subscription.close());
      expect(error.mock.calls.at(-1)?.[0]).toContain('what was finished since the last save will come again');
      expect(await saved()).toBeUndefined();
    });

    it('to answer a save: close() waits for 5 s and no longer', async () => {
      const error = quiet();
      server.script(stream(letters(1, 2)));
      const subscription = subscribe({
        cursorStore: { load: (name) => store.load(name), save: () => new Promise(() => {}) },
      });
      const messages = subscription[Symbol.asyncIterator]();
      await messages.next();
      await messages.next();
      jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
      try {
        const closed = subscription.close();
        jest.advanceTimersByTime(5_000);
        await closed;
      } finally {
        jest.useRealTimers();
      }
      expect(error.mock.calls.at(-1)?.[0]).toContain('did not answer within 5000 ms');
    });
  });

  it('saves what is newest, one save at a time, where the store is slower than the stream', async () => {
    server.script(streamAndEnd(letters(1, 2, 3, 4, 5, 6)), answer(204));
    let running = 0;
    const saves: string[] = [];
    const slow: SseCursorStore = {
      load: (name) => store.load(name),
      save: async (name, cursor, fence) => {
        expect(++running).toBe(1);
        saves.push(cursor);
        for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
        running -= 1;
        return store.save(name, cursor, fence);
      },
    };
    await takeAll(subscribe({ cursorStore: slow }));
    expect(saves).toEqual(['1', '6']);
    expect(await saved()).toBe('6');
  });
});
