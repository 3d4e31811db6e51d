import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { concat, NEVER, Observable, of, throwError } from 'rxjs';
import { OnceListeners } from './once-listeners.js';
import { SELF_WRITING, type SharedStream, type SourceEnd } from './shared-stream.js';
import { SseSourceError } from './source.error.js';
import { type SourceConsumer, type SseItem, toRunnableSource } from './sources.js';

const FAILURE = new Error('source failed');

/** Takes everything, at its own pace, until it is closed. */
class Taker implements SourceConsumer {
  readonly items: SseItem[] = [];
  readonly #closed = new OnceListeners();
  readonly stream = {} as SourceConsumer['stream'];
  listeners = 0;

  constructor(readonly limit = Number.POSITIVE_INFINITY) {}

  async take(item: SseItem): Promise<boolean> {
    await setImmediate();
    this.items.push(item);
    return this.items.length < this.limit;
  }

  takeUnasked(item: SseItem): void {
    this.items.push(item);
  }

  onceClosed(listener: () => void): () => void {
    this.listeners++;
    const takeOff = this.#closed.add(listener);
    return () => {
      this.listeners--;
      takeOff();
    };
  }

  close(): void {
    this.#closed.fire();
  }
}

async function* generate(...items: SseItem[]): AsyncGenerator<SseItem> {
  yield* items;
}

async function* generateAndFail(): AsyncGenerator<SseItem> {
  yield 'a';
  throw FAILURE;
}

const streamOf = (...items: SseItem[]) =>
  new ReadableStream<SseItem>({
    start(controller) {
      for (const item of items) {
        controller.enqueue(item);
      }
      controller.close();
    },
  });

describe('toRunnableSource', () => {
  it.each<[string, () => unknown]>([
    ['an Observable', () => of('a', { data: 1 }, 'c')],
    ['an async generator', () => generate('a', { data: 1 }, 'c')],
    ['an array', () => ['a', { data: 1 }, 'c']],
    ['a Set', () => new Set(['a', { data: 1 }, 'c'])],
    ['a ReadableStream', () => streamOf('a', { data: 1 }, 'c')],
  ])('runs %s to its end', async (_, source) => {
    const taker = new Taker();
    await toRunnableSource(source()).run(taker);
    expect(taker.items).toEqual(['a', { data: 1 }, 'c']);
    expect(taker.listeners).toBe(0);
  });

  it.each<[string, () => unknown]>([
    [
      'an Observable',
      () =>
        concat(
          of('a'),
          throwError(() => FAILURE),
        ),
    ],
    ['an async generator', generateAndFail],
    [
      'a ReadableStream',
      () =>
        new ReadableStream({
          pull(controller) {
            controller.enqueue('a');
            controller.error(FAILURE);
          },
        }),
    ],
  ])('fails with what %s fails with', async (_, source) => {
    const taker = new Taker();
    await expect(toRunnableSource(source()).run(taker)).rejects.toBe(FAILURE);
    expect(taker.listeners).toBe(0);
  });

  it.each([undefined, null, 7, 'text', true, {}, () => ['a'], Symbol('s')])('refuses %p', (source) => {
    expect(() => toRunnableSource(source)).toThrow(SseSourceError);
    expect(() => toRunnableSource(source)).toThrow(
      expect.objectContaining({ code: 'SSE_SOURCE', message: expect.stringContaining('Cannot stream') }),
    );
  });

  it('says what opens the stream', () => {
    expect(toRunnableSource(NEVER).opens).toBe('at-once');
    expect(toRunnableSource([]).opens).toBe('with-first-value');
    const source = { [SELF_WRITING]: { writeInto() {}, release() {} } };
    expect(toRunnableSource(source).opens).toBe('by-itself');
  });

  it('lets a source that writes by itself write, or lets it go', async () => {
    const told: unknown[] = [];
    const writer = {
      writeInto(stream: SharedStream, end: SourceEnd) {
        told.push(stream);
        end.ended();
      },
      release: () => told.push('released'),
    };
    const taker = new Taker();
    await toRunnableSource({ [SELF_WRITING]: writer }).run(taker);
    toRunnableSource({ [SELF_WRITING]: writer }).release();
    expect(told).toEqual([taker.stream, 'released']);
  });

  it('asks an iterator for the next value only when the last was taken', async () => {
    let asked = 0;
    const taker = new Taker(3);
    const counting = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          expect(taker.items).toHaveLength(asked);
          asked++;
          return { done: false, value: `item ${asked}` };
        },
      }),
    };
    await toRunnableSource(counting).run(taker);
    expect(asked).toBe(3);
  });

  describe('when nothing more is wanted', () => {
    it('unsubscribes from an Observable', async () => {
      let unsubscribed = 0;
      const taker = new Taker();
      const running = toRunnableSource(new Observable<string>(() => () => unsubscribed++)).run(taker);
      taker.close();
      await running;
      expect(unsubscribed).toBe(1);
    });

    it('unsubscribes from an Observable that emits for ever while it is subscribed to', async () => {
      let emitted = 0;
      let unsubscribed = 0;
      const taker = new Taker();
      taker.takeUnasked = () => taker.close();
      const endless = new Observable<string>((subscriber) => {
        for (; emitted < 1000 && !subscriber.closed; emitted++) {
          subscriber.next('again');
        }
        return () => unsubscribed++;
      });
      await toRunnableSource(endless).run(taker);
      expect([emitted, unsubscribed]).toEqual([1, 1]);
    });

    it('does not subscribe to an Observable if it was so from the start', async () => {
      let subscribed = 0;
      const taker = new Taker();
      taker.onceClosed = (listener) => {
        listener();
        return () => {};
      };
      await toRunnableSource(new Observable<string>(() => void subscribed++)).run(taker);
      expect(subscribed).toBe(0);
    });

    it('bears an Observable whose teardown throws', async () => {
      const taker = new Taker();
      const failing = new Observable<string>(() => () => {
        throw FAILURE;
      });
      const running = toRunnableSource(failing).run(taker);
      taker.close();
      await running;
      expect(taker.listeners).toBe(0);
    });

    it('ends a synchronous generator that has itself closed the stream, at its next yield', async () => {
      const taker = new Taker();
      let cleaned = false;
      function* closing() {
        try {
          yield 'last';
          taker.close();
          yield 'too late';
        } finally {
          cleaned = true;
        }
      }
      await toRunnableSource(closing()).run(taker);
      await setImmediate();
      expect([taker.items, cleaned]).toEqual([['last'], true]);
    });

    it('ends a generator that is asleep at a yield', async () => {
      const taker = new Taker();
      let cleaned = false;
      async function* endless() {
        try {
          for (;;) {
            yield 'again';
          }
        } finally {
          cleaned = true;
        }
      }
      const running = toRunnableSource(endless()).run(taker);
      await setImmediate();
      taker.close();
      await running;
      await setImmediate();
      await setImmediate();
      expect(cleaned).toBe(true);
      const { length } = taker.items;
      await setImmediate();
      expect(taker.items).toHaveLength(length);
    });

    it('does not wait for a next() that never answers, and tells the iterator', async () => {
      let returned = 0;
      const taker = new Taker();
      const silent = {
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise<never>(() => {}),
          return: async () => {
            returned++;
            return { done: true as const, value: undefined };
          },
        }),
      };
      const running = toRunnableSource(silent).run(taker);
      taker.close();
      await running;
      expect(returned).toBe(1);
    });

    it('cancels a ReadableStream in the middle of a read', async () => {
      let cancelled = 0;
      const taker = new Taker();
      const silent = new ReadableStream<string>({ cancel: () => void cancelled++ });
      const running = toRunnableSource(silent).run(taker);
      taker.close();
      await running;
      expect(cancelled).toBe(1);
    });

    it.each<[string, () => unknown]>([
      [
        'throws',
        () => {
          throw FAILURE;
        },
      ],
      ['rejects', () => Promise.reject(FAILURE)],
    ])('bears an iterator whose return() %s', async (_, fail) => {
      const taker = new Taker();
      const source = { [Symbol.iterator]: () => ({ next: () => new Promise(() => {}), return: fail }) };
      const running = toRunnableSource(source).run(taker);
      taker.close();
      await running;
      await setImmediate();
    });

    it('bears an iterator that cannot be told', async () => {
      const taker = new Taker();
      const source = { [Symbol.iterator]: () => ({ next: () => new Promise(() => {}) }) };
      const running = toRunnableSource(source).run(taker);
      taker.close();
      await running;
    });
  });

  describe('a source that is not run after all', () => {
    it('is let go of, if it was opened', async () => {
      let returned = 0;
      let cancelled = 0;
      const iterable = {
        [Symbol.iterator]: () => ({ next: () => ({ done: true, value: undefined }), return: () => returned++ }),
      };
      toRunnableSource(iterable).release();
      toRunnableSource(new ReadableStream({ cancel: () => void cancelled++ })).release();
      await setImmediate();
      expect([returned, cancelled]).toEqual([1, 1]);
    });

    it('is not even subscribed to, if it is an Observable', () => {
      let subscribed = 0;
      toRunnableSource(new Observable(() => void subscribed++)).release();
      expect(subscribed).toBe(0);
    });
  });
});
