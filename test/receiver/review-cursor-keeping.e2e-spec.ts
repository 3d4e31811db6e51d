import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import {
  MemoryCursorStore,
  SseCursorError,
  type SseCursorStore,
  type SseReceiverOptions,
  SseReceiverService,
  type SseStoredCursor,
  type SseSubscription,
} from '../../lib/receiver/index.js';
import { AT_ONCE, entered } from './support/consumers.js';
import { ScriptedServer, stream } from './support/scripted-server.js';

const turns = async () => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};
const letters = (...ids: number[]) => ids.map((id) => `id: ${id}\ndata: ${id}\n\n`).join('');

/** A store that answers when the test says so; fences are given out in the order of the calls, as by a database. */
class SlowStore implements SseCursorStore {
  readonly loads: (() => void)[] = [];
  private readonly inner = new MemoryCursorStore();

  async load(source: string): Promise<SseStoredCursor> {
    const cursor = await this.inner.load(source);
    await new Promise<void>((resolve) => this.loads.push(resolve));
    return cursor;
  }

  save(source: string, lastEventId: string, fence: number): Promise<void> {
    return this.inner.save(source, lastEventId, fence);
  }
}

/** Fails to save so many times, then saves. */
class FailingStore extends MemoryCursorStore {
  failuresLeft = 0;
  readonly tried: string[] = [];
  private waiting: (() => void)[] = [];

  override async save(source: string, lastEventId: string, fence: number): Promise<void> {
    this.tried.push(lastEventId);
    for (const go of this.waiting.splice(0)) go();
    if (this.failuresLeft-- > 0) throw new Error('The database is being restarted');
    await super.save(source, lastEventId, fence);
  }

  async triedTimes(times: number): Promise<void> {
    while (this.tried.length < times) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}

describe('review: how cursors are kept', () => {
  let server: ScriptedServer;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    server = await ScriptedServer.start();
    receiver = new SseReceiverService();
    jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await receiver.onModuleDestroy();
    await server.close();
  });

  const subscribe = (cursorStore: SseCursorStore, options: SseReceiverOptions = {}): SseSubscription =>
    receiver.subscribe(server.url, { name: 'letters', cursorStore, retry: AT_ONCE, ...options });

  it('does not fence itself off when loads that it gave up for their slowness were served nevertheless', async () => {
    const store = new SlowStore();
    server.script(stream(letters(1, 2)));
    const subscription = subscribe(store, { connectTimeoutMs: 50 });
    const messages = subscription[Symbol.asyncIterator]();
    const first = messages.next();
    await entered(subscription, 'waiting');
    await entered(subscription, 'connecting');
    await turns();
    // The first load was given up; if a second one was made, it has taken the source over again, and is slow as well.
    store.loads[0]?.();
    await first;
    await messages.next();
    await turns();
    // Nobody else has ever followed this source.
    expect(subscription.state).toBe('open');
  });

  it('is not stuck for ever behind a load that never answers', async () => {
    const inner = new MemoryCursorStore();
    let loads = 0;
    const store: SseCursorStore = {
      load: (source) => (loads++ === 0 ? new Promise(() => {}) : inner.load(source)),
      save: (source, id, fence) => inner.save(source, id, fence),
    };
    server.script(stream(letters(1)));
    const messages = subscribe(store, { connectTimeoutMs: 50 })[Symbol.asyncIterator]();
    expect(await messages.next()).toMatchObject({ value: { data: '1' } });
  });

  it('goes on trying to save when a consumer leaves while a save fails', async () => {
    const store = new FailingStore();
    server.script(stream(letters(1)));
    const subscription = subscribe(store);
    const staying = subscription[Symbol.asyncIterator]();
    const leaving = subscription[Symbol.asyncIterator]();
    const taken = [staying.next(), leaving.next()];
    await Promise.all(taken);
    store.failuresLeft = 3;
    void staying.next();
    const pending = leaving.next();
    await store.triedTimes(1);
    await leaving.return?.();
    await pending;
    await store.triedTimes(4);
    expect(store.tried).toEqual(['1', '1', '1', '1']);
  });

  it('tries a save again after one of several consumers has left with a next() under way', async () => {
    const store = new FailingStore();
    server.script(stream());
    const subscription = subscribe(store);
    const leaving = subscription[Symbol.asyncIterator]();
    const pending = leaving.next();
    const staying = subscription[Symbol.asyncIterator]();
    const first = staying.next();
    const response = await server.response(1);
    await leaving.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    store.failuresLeft = 1;
    response.write(letters(1));
    await first;
    void staying.next();
    await store.triedTimes(2);
    expect(store.tried).toEqual(['1', '1']);
  }, 5_000);

  it('tries a save again after an Observable was unsubscribed and subscribed to again', async () => {
    const store = new FailingStore();
    server.script(stream());
    const subscription = subscribe(store);
    const done = new Promise<void>((resolve) => {
      const once = subscription.concatMap(() => []).subscribe();
      void server.response(1).then(() => {
        once.unsubscribe();
        resolve();
      });
    });
    await done;
    server.script(stream(letters(1)));
    store.failuresLeft = 1;
    subscription.concatMap(() => []).subscribe();
    await store.triedTimes(2);
    expect(store.tried).toEqual(['1', '1']);
  }, 5_000);

  it('saves at close() what could not be saved before', async () => {
    const store = new FailingStore();
    server.script(stream());
    const subscription = subscribe(store);
    const once = subscription.concatMap(() => []).subscribe();
    await server.response(1);
    once.unsubscribe();
    server.script(stream(letters(1)));
    store.failuresLeft = 1;
    subscription.concatMap(() => []).subscribe();
    await store.triedTimes(1);
    await new Promise((resolve) => setImmediate(resolve));
    await subscription.close();
    expect((await store.load('letters')).lastEventId).toBe('1');
  });

  it('takes a null of a database for no cursor, or says what is wrong', async () => {
    const store = { load: async () => ({ lastEventId: null, fence: 1 }), save: async () => {} };
    server.script(stream(letters(1)));
    const failure = await subscribe(store as unknown as SseCursorStore)
      [Symbol.asyncIterator]()
      .next()
      .catch((error: unknown) => error);
    if (failure instanceof Error) expect(failure).toBeInstanceOf(SseCursorError);
    else expect(failure).toMatchObject({ value: { data: '1' } });
  });

  it('survives a store that throws at once instead of rejecting', async () => {
    const store = new FailingStore();
    const real = store.save.bind(store);
    let failures = 1;
    store.save = (...args) => {
      if (failures-- > 0) throw new Error('synchronously');
      return real(...args);
    };
    server.script(stream(letters(1, 2)));
    const messages = subscribe(store)[Symbol.asyncIterator]();
    await messages.next();
    await messages.next();
    await store.triedTimes(1);
    expect(store.tried).toEqual(['1']);
  });

  it('says that it keeps the cursor where a loop was left while others go on', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    const store = new MemoryCursorStore();
    server.script(stream(letters(1, 2, 3, 4)));
    const subscription = subscribe(store);
    const staying = subscription[Symbol.asyncIterator]();
    const first = staying.next();
    for await (const { data } of subscription) if (data === '2') break;
    await first;
    for (let i = 0; i < 3; i++) await staying.next();
    expect(subscription.lastEventId).toBe('1');
    expect(warn.mock.calls.map(([line]) => line)).toEqual([
      'A consumer of "letters" has left a message unfinished while others go on; the saved cursor stays at "1" until all have left',
    ]);
  });
});
