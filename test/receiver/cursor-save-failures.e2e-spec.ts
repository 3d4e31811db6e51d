import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import {
  MemoryCursorStore,
  type SseReceiverOptions,
  SseReceiverService,
  type SseSubscription,
} from '../../lib/receiver/index.js';
import { AT_ONCE, data, takeAll, turns } from './support/consumers.js';
import { answer, numbered, ScriptedServer, stream, streamAndEnd } from './support/scripted-server.js';

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

describe('a save that fails', () => {
  let server: ScriptedServer;
  let receiver: SseReceiverService;
  let store: FailingStore;
  let logged: jest.SpiedFunction<Logger['error']>;

  beforeEach(async () => {
    server = await ScriptedServer.start();
    receiver = new SseReceiverService();
    store = new FailingStore();
    logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await receiver.onModuleDestroy();
    await server.close();
  });

  const subscribe = (options: SseReceiverOptions = {}): SseSubscription =>
    receiver.subscribe(server.url, { name: 'letters', cursorStore: store, retry: AT_ONCE, ...options });
  /** What the next owner would begin with. */
  const saved = async () => (await store.load('letters')).lastEventId;

  it('is tried again, says so, and holds nothing up meanwhile', async () => {
    server.script(streamAndEnd(numbered(1, 2, 3)), answer(204));
    store.failuresLeft = 1;
    expect(data(await takeAll(subscribe()))).toEqual(['1', '2', '3']);
    expect(await saved()).toBe('3');
    expect(logged.mock.calls.map(([line]) => line)).toEqual([
      'The cursor of "letters" could not be saved; it is tried again: The database is being restarted',
    ]);
  });

  it('that always fails: the end comes nevertheless, and says what that means', async () => {
    server.script(stream(numbered(1)));
    store.failuresLeft = Number.POSITIVE_INFINITY;
    const subscription = subscribe();
    await subscription.process(async () => void subscription.close());
    expect(logged.mock.calls.at(-1)?.[0]).toContain('what was finished since the last save will come again');
    expect(await saved()).toBeUndefined();
  });

  it('is waited for by close() for 5 s and no longer', async () => {
    server.script(stream(numbered(1, 2)));
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
    expect(logged.mock.calls.at(-1)?.[0]).toContain('did not answer within 5000 ms');
  });

  it('is tried again though a consumer leaves meanwhile', async () => {
    server.script(stream(numbered(1)));
    const subscription = subscribe();
    const staying = subscription[Symbol.asyncIterator]();
    const leaving = subscription[Symbol.asyncIterator]();
    await Promise.all([staying.next(), leaving.next()]);
    store.failuresLeft = 3;
    void staying.next();
    const pending = leaving.next();
    await store.triedTimes(1);
    await leaving.return?.();
    await pending;
    await store.triedTimes(4);
    expect(store.tried).toEqual(['1', '1', '1', '1']);
  });

  it('is tried again after one of several consumers has left with a next() under way', async () => {
    server.script(stream());
    const subscription = subscribe();
    const leaving = subscription[Symbol.asyncIterator]();
    const pending = leaving.next();
    const staying = subscription[Symbol.asyncIterator]();
    const first = staying.next();
    const response = await server.response(1);
    await leaving.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    store.failuresLeft = 1;
    response.write(numbered(1));
    await first;
    void staying.next();
    await store.triedTimes(2);
    expect(store.tried).toEqual(['1', '1']);
  });

  it('is tried again after an Observable was unsubscribed and subscribed to again', async () => {
    server.script(stream());
    const subscription = subscribe();
    const once = subscription.concatMap(() => []).subscribe();
    await server.response(1);
    once.unsubscribe();
    server.script(stream(numbered(1)));
    store.failuresLeft = 1;
    subscription.concatMap(() => []).subscribe();
    await store.triedTimes(2);
    expect(store.tried).toEqual(['1', '1']);
  });

  it('is tried again at once by close()', async () => {
    server.script(stream());
    const subscription = subscribe();
    const once = subscription.concatMap(() => []).subscribe();
    await server.response(1);
    once.unsubscribe();
    server.script(stream(numbered(1)));
    store.failuresLeft = 1;
    subscription.concatMap(() => []).subscribe();
    await store.triedTimes(1);
    await turns(1);
    await subscription.close();
    expect(await saved()).toBe('1');
  });

  it('may fail by throwing at once instead of rejecting', async () => {
    jest.spyOn(store, 'save').mockImplementationOnce(() => {
      throw new Error('synchronously');
    });
    server.script(stream(numbered(1, 2)));
    const messages = subscribe()[Symbol.asyncIterator]();
    await messages.next();
    await messages.next();
    await store.triedTimes(1);
    expect(store.tried).toEqual(['1']);
    expect(logged.mock.calls.map(([line]) => line)).toEqual([expect.stringContaining('synchronously')]);
  });
});
