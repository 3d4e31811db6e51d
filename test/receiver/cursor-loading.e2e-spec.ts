import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { filter, firstValueFrom, Subject } from 'rxjs';
import {
  MemoryCursorStore,
  type SseCursorStore,
  type SseReceiverOptions,
  SseReceiverService,
  type SseStoredCursor,
  type SseSubscription,
} from '../../lib/receiver/index.js';
import { AT_ONCE, data, entered, failureOf, take, takeAll, turns } from './support/consumers.js';
import { answer, numbered, ScriptedServer, stream, streamAndEnd } from './support/scripted-server.js';

/** A store that answers when the test says so; fences are given out in the order of the calls, as by a database. */
class SlowStore implements SseCursorStore {
  readonly answers: (() => void)[] = [];
  private readonly loaded = new Subject<number>();

  constructor(private readonly inner: SseCursorStore) {}

  async load(source: string): Promise<SseStoredCursor> {
    const cursor = await this.inner.load(source);
    const answered = new Promise<void>((resolve) => this.answers.push(resolve));
    this.loaded.next(this.answers.length);
    await answered;
    return cursor;
  }

  save(source: string, lastEventId: string, fence: number): Promise<void> {
    return this.inner.save(source, lastEventId, fence);
  }

  async loadedTimes(times: number): Promise<void> {
    await firstValueFrom(this.loaded.pipe(filter((count) => count >= times)));
  }
}

describe('loading a cursor', () => {
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
  /** What the next owner would begin with. */
  const saved = async () => (await store.load('letters')).lastEventId;
  /** A store that fails so many times, then loads. */
  const failingToLoad = (times: number): SseCursorStore => {
    let left = times;
    return {
      load: async (source) => {
        if (left-- > 0) throw new Error('the disk is full');
        return store.load(source);
      },
      save: (...what) => store.save(...what),
    };
  };

  it('begins with the cursor that it is given while nothing is stored, and with what is stored after that', async () => {
    server.script(stream(numbered(3)));
    await take(subscribe({ lastEventId: '2' }), 1);
    await store.save('letters', '5', (await store.load('letters')).fence);
    await take(subscribe({ lastEventId: '2' }), 1);
    expect(cursors()).toEqual(['2', '5']);
  });

  it('begins without a cursor where the server had cleared it', async () => {
    await store.save('letters', '', (await store.load('letters')).fence);
    server.script(stream(numbered(1)));
    await take(subscribe({ lastEventId: '2' }), 1);
    expect(cursors()).toEqual([undefined]);
  });

  it('happens once, however many connections it takes', async () => {
    const load = jest.spyOn(store, 'load');
    server.script(streamAndEnd(numbered(1)), answer(503), streamAndEnd(numbered(2)), stream(numbered(3)));
    const subscription = subscribe();
    await take(subscription, 2);
    await take(subscription, 1);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('is tried again as a lost connection is, and never begins without the cursor', async () => {
    await store.save('letters', '1', (await store.load('letters')).fence);
    server.script(stream(numbered(2)));
    const subscription = subscribe({ cursorStore: failingToLoad(2) });
    const waiting = entered(subscription, 'waiting');
    expect(data(await take(subscription, 1))).toEqual(['2']);
    expect((await waiting).outcome).toMatchObject({
      kind: 'cursor',
      willRetry: true,
      error: { code: 'SSE_CURSOR', reason: 'unavailable', cause: { message: 'the disk is full' } },
    });
    expect(cursors()).toEqual(['1']);
  });

  it('is given up when the retry policy gives up', async () => {
    const options = { cursorStore: failingToLoad(9), retry: { maxAttempts: 1 } };
    expect(await failureOf(takeAll(subscribe(options)))).toMatchObject({
      kind: 'cursor',
      cause: { reason: 'unavailable' },
    });
    expect(server.requests).toHaveLength(0);
  });

  it('is given up after connectTimeoutMs, and its late answer is ignored', async () => {
    server.script(stream(numbered(1, 2)));
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

  it('does not fence itself off when loads that it gave up for their slowness were served nevertheless', async () => {
    const slow = new SlowStore(store);
    server.script(stream(numbered(1, 2)));
    const subscription = subscribe({ cursorStore: slow, connectTimeoutMs: 50 });
    const messages = subscription[Symbol.asyncIterator]();
    const first = messages.next();
    await slow.loadedTimes(2);
    // The first load was given up, and the second one has taken the source over from it, but is as slow.
    slow.answers[0]?.();
    await first;
    await messages.next();
    await turns(20);
    for (const answer of slow.answers) answer();
    await turns(20);
    // Nobody else has ever followed this source.
    expect(subscription.state).toBe('open');
    await subscription.close();
    expect(await saved()).toBe('1');
  });

  it('takes the null of a database for no cursor', async () => {
    const nullStore = { load: async () => ({ lastEventId: null, fence: 1 }), save: async () => {} };
    server.script(stream(numbered(1)));
    const options = { cursorStore: nullStore as unknown as SseCursorStore, lastEventId: '7' };
    expect(data(await take(subscribe(options), 1))).toEqual(['1']);
    expect(cursors()).toEqual(['7']);
  });
});
