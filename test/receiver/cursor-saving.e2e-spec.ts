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

  it('says that it keeps the cursor where a loop was left while others go on', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    server.script(stream(letters(1, 2, 3, 4)));
    const subscription = subscribe();
    const staying = subscription[Symbol.asyncIterator]();
    const first = staying.next();
    for await (const { data } of subscription) if (data === 'b') break;
    await first;
    for (let i = 0; i < 3; i++) await staying.next();
    expect(subscription.lastEventId).toBe('1');
    expect(warn.mock.calls.map(([line]) => line)).toEqual([
      'A consumer of "letters" has left a message unfinished while others go on; the saved cursor stays at "1" until all have left',
    ]);
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

  describe('of a stream whose place a newer one of the same user has taken', () => {
    const REPLACED = 'id: ~replaced\nevent: replaced\ndata: {}\n\n';

    it('says so to the server once, and saves where it stood', async () => {
      server.script(streamAndEnd(letters(1) + REPLACED), answer(204));
      const subscription = subscribe();
      expect((await takeAll(subscription)).map(({ event }) => event)).toEqual(['message', 'replaced']);
      expect(cursors()).toEqual([undefined, '~replaced']);
      expect(subscription.lastEventId).toBe('1');
      expect(await saved()).toBe('1');
    });

    it('goes on from there when it is consumed anew, in this process or another', async () => {
      server.script(stream(letters(1) + REPLACED), stream(letters(2)));
      const subscription = subscribe();
      await subscription
        .process(async ({ event }) => {
          if (event === 'replaced') throw new Error('another one goes on');
        })
        .catch(() => {});
      expect(data(await take(subscription, 1))).toEqual(['b']);
      expect(cursors()).toEqual([undefined, '1']);
    });

    it('follows a server that sends more all the same', async () => {
      server.script(streamAndEnd(REPLACED), streamAndEnd(letters(2)), answer(204));
      await takeAll(subscribe());
      expect(cursors()).toEqual([undefined, '~replaced', '2']);
      expect(await saved()).toBe('2');
    });
  });
});
