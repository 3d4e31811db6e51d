import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Observable, of } from 'rxjs';
import { ReceivedMessage } from '../protocol/index.js';
import { deferred } from './deferred.js';
import { pipeIntoChannel } from './pipe-into-channel.js';

const FAILURE = new Error('failed');

/** An iterator that is given each of its results by hand. */
class ManualSource implements AsyncIterable<unknown> {
  asked = 0;
  returned = 0;
  give: (result: IteratorResult<unknown>) => void = () => {};
  fail: (error: unknown) => void = () => {};

  [Symbol.asyncIterator](): AsyncIterator<unknown> {
    return {
      next: () => {
        this.asked++;
        return new Promise((resolve, reject) => {
          this.give = resolve;
          this.fail = reject;
        });
      },
      return: async () => {
        this.returned++;
        throw new Error('cannot clean up');
      },
    };
  }
}

async function collect(source: unknown, options: { ids?: 'drop' | 'refuse' } = {}): Promise<unknown[]> {
  const published: unknown[] = [];
  await pipeIntoChannel(source, options, async (message) => published.push(message));
  return published;
}

/** What rejects a promise, once all that is about to happen has happened. */
async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  const failure = promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );
  await nextTurn();
  return failure;
}

describe('pipeIntoChannel', () => {
  it.each<[string, () => unknown]>([
    ['an array', () => ['a', { data: 1 }, 'c']],
    ['a Set', () => new Set(['a', { data: 1 }, 'c'])],
    ['a generator', () => ['a', { data: 1 }, 'c'].values()],
    [
      'an async generator',
      async function* () {
        yield* ['a', { data: 1 }, 'c'];
      },
    ],
    ['a ReadableStream', () => streamOf('a', { data: 1 }, 'c')],
  ])('publishes what %s yields, in its order', async (_, source) => {
    expect(await collect(source())).toEqual(['a', { data: 1 }, 'c']);
  });

  it('asks for the next message when the one before it was published', async () => {
    const source = new ManualSource();
    const publishing = [deferred(), deferred()];
    const published: unknown[] = [];
    const piped = pipeIntoChannel(source, {}, (message) => publishing[published.push(message) - 1]!.promise);
    expect(source.asked).toBe(1);
    source.give({ done: false, value: 'a' });
    await nextTurn();
    expect({ published, asked: source.asked }).toEqual({ published: ['a'], asked: 1 });
    publishing[0]!.resolve();
    await nextTurn();
    expect({ published, asked: source.asked }).toEqual({ published: ['a'], asked: 2 });
    source.give({ done: true, value: undefined });
    await piped;
    expect({ asked: source.asked, returned: source.returned }).toEqual({ asked: 2, returned: 0 });
  });

  it('publishes what was received as a receiver of the channel will receive it', async () => {
    const received = [new ReceivedMessage('message', 'a', ''), new ReceivedMessage('named', 'b\nc', '')];
    expect(await collect(received)).toEqual([{ data: 'a' }, { event: 'named', data: 'b\nc' }]);
  });

  it('keeps every other field of a message, and reads each once', async () => {
    const reads: PropertyKey[] = [];
    const message = { event: 'a', data: { n: 1 }, retry: 5, comment: 'c' };
    const watched = new Proxy(message, {
      get: (target, key) => {
        reads.push(key);
        return Reflect.get(target, key);
      },
    });
    expect(await collect([watched, { type: 'nest', data: 'x' }])).toEqual([message, { event: 'nest', data: 'x' }]);
    expect(reads.filter((key) => Object.hasOwn(message, key)).sort()).toEqual(['comment', 'data', 'event', 'retry']);
  });

  it('refuses a message with an id, and says how to pipe it', async () => {
    const source = new ManualSource();
    const published: unknown[] = [];
    const piped = pipeIntoChannel(source, {}, async (message) => published.push(message));
    source.give({ done: false, value: new ReceivedMessage('message', 'a', '1', '1') });
    const failure = await failureOf(piped);
    expect(failure).toMatchObject({ code: 'SSE_INVALID_MESSAGE', field: 'id' });
    expect((failure as Error).message).toContain("{ ids: 'drop' }");
    expect({ published, returned: source.returned }).toEqual({ published: [], returned: 1 });
    await expect(collect([{ id: '', data: 'a' }])).rejects.toMatchObject({ field: 'id' });
    expect(await collect([new ReceivedMessage('message', 'not of this message', '1')])).toHaveLength(1);
  });

  it("drops ids with ids: 'drop', and leaves out what was nothing but one", async () => {
    const source = [{ id: '1', data: 'a' }, { id: '2' }, { id: '3', comment: 'c' }, { id: '4', event: 'e' }, 'f'];
    expect(await collect(source, { ids: 'drop' })).toEqual([{ data: 'a' }, { comment: 'c' }, { event: 'e' }, 'f']);
  });

  it.each([undefined, null, 1, [], {}])('refuses %p, which is no message', async (item) => {
    await expect(collect([item])).rejects.toMatchObject({ code: 'SSE_INVALID_MESSAGE', field: 'message' });
  });

  it('rejects with what publishing fails with, after it has left the source', async () => {
    const source = new ManualSource();
    const piped = pipeIntoChannel(source, {}, () => Promise.reject(FAILURE));
    const seen = piped.catch((error: unknown) => ({ error, returned: source.returned }));
    source.give({ done: false, value: 'a' });
    expect(await seen).toEqual({ error: FAILURE, returned: 1 });
    expect(source.asked).toBe(1);
  });

  it('rejects with what the source fails with, after it has left it', async () => {
    const source = new ManualSource();
    const piped = pipeIntoChannel(source, {}, async () => {});
    const seen = piped.catch((error: unknown) => ({ error, returned: source.returned }));
    source.fail(FAILURE);
    expect(await seen).toEqual({ error: FAILURE, returned: 1 });
  });

  it('runs what a generator does at its end when publishing fails', async () => {
    const done: string[] = [];
    function* source() {
      try {
        yield 'a';
        yield 'b';
      } finally {
        done.push('cleaned up');
      }
    }
    await expect(pipeIntoChannel(source(), {}, () => Promise.reject(FAILURE))).rejects.toBe(FAILURE);
    expect(done).toEqual(['cleaned up']);
  });

  it('cancels a ReadableStream when publishing fails', async () => {
    const cancelled = deferred();
    const source = new ReadableStream({
      pull: (controller) => controller.enqueue('a'),
      cancel: () => cancelled.resolve(),
    });
    await expect(pipeIntoChannel(source, {}, () => Promise.reject(FAILURE))).rejects.toBe(FAILURE);
    await cancelled.promise;
  });

  it('refuses an Observable without subscribing to it, and says what to use', async () => {
    let subscribed = false;
    const source = new Observable(() => {
      subscribed = true;
    });
    const failure = await failureOf(collect(source));
    expect(failure).toMatchObject({ code: 'SSE_OPTIONS', problems: [{ option: 'source' }] });
    expect((failure as Error).message).toMatch(/Observable.*use an async iterable/);
    expect(subscribed).toBe(false);
    const iterable = Object.assign(of('a'), { [Symbol.iterator]: () => ['a'].values() });
    await expect(collect(iterable)).rejects.toMatchObject({ code: 'SSE_OPTIONS' });
  });

  it.each([undefined, null, 'text', 1, {}, () => []])('refuses %p for a source', async (source) => {
    await expect(collect(source)).rejects.toMatchObject({ code: 'SSE_OPTIONS', problems: [{ option: 'source' }] });
  });

  it.each([[{ ids: 'keep' }], [{ id: 'drop' }], [null], ['drop']])('refuses the options %j', async (options) => {
    const source = new ManualSource();
    await expect(pipeIntoChannel(source, options as never, async () => {})).rejects.toMatchObject({
      code: 'SSE_OPTIONS',
    });
    expect(source.asked).toBe(0);
  });

  it('lets others run while a source has more and more at hand, and publishing takes no time', async () => {
    let stopped = false;
    function* endless() {
      while (!stopped) yield 'a';
    }
    const piped = collect(endless());
    await nextTurn();
    stopped = true;
    await piped;
  });
});

function streamOf(...items: unknown[]): ReadableStream {
  return new ReadableStream({
    start(controller) {
      for (const item of items) controller.enqueue(item);
      controller.close();
    },
  });
}
