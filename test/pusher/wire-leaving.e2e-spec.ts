import type { Server } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type CanActivate, Controller, type Type, UseGuards } from '@nestjs/common';
import { Observable } from 'rxjs';
import { Pusher, type SsePusher, type SseSource, SseStream, SseStreamRegistry } from '../../lib/index.js';
import { type Deferred, deferred } from './support/deferred.js';
import { eventually } from './support/eventually.js';
import { fill } from './support/fill.js';
import { HandedOver, reasonOf } from './support/handed-over.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { RawSocket } from './support/raw-socket.js';
import { unfinishedStreams } from './support/unfinished.js';

const CLIENT_LEFT = { reason: 'client' };

/** A source that is silent, or says one thing and then nothing, and tells when it was let go of. */
type MakeSource = (first: string[], released: Deferred<void>) => SseSource;

const observable: MakeSource = (first, released) =>
  new Observable<string>((subscriber) => {
    for (const item of first) {
      subscriber.next(item);
    }
    return () => released.resolve();
  });

const asyncIterable: MakeSource = (first, released) => {
  const items = [...first];
  return {
    [Symbol.asyncIterator]: () => ({
      next: () =>
        items.length > 0 ? Promise.resolve({ done: false, value: items.shift()! }) : new Promise<never>(() => {}),
      return: async () => {
        released.resolve();
        return { done: true, value: undefined };
      },
    }),
  };
};

const webStream: MakeSource = (first, released) =>
  new ReadableStream<string>({
    start: (controller) => {
      for (const item of first) {
        controller.enqueue(item);
      }
    },
    cancel: () => released.resolve(),
  });

const SOURCES: [string, MakeSource][] = [
  ['an Observable', observable],
  ['an async iterable', asyncIterable],
  ['a ReadableStream', webStream],
];

describe.each(PLATFORMS)('a client that leaves on %s', (platform) => {
  let app: TestApp;
  let client: RawSocket;

  afterEach(async () => {
    client.leave();
    await app.close();
  });

  async function start(controller: Type): Promise<void> {
    app = await startApp(platform, { controllers: [controller] });
    client = (await RawSocket.connect(app.port)).get('/stream');
  }

  async function nothingIsLeft(): Promise<void> {
    const registry = app.app.get(SseStreamRegistry);
    await eventually(() => unfinishedStreams(app.app) === 0);
    expect(registry.count).toBe(0);
  }

  async function noConnections(): Promise<void> {
    const server: Server = app.app.getHttpServer();
    const connections = promisify(server.getConnections.bind(server));
    while ((await connections()) > 0) {
      await setImmediate();
    }
  }

  it('before the handler was called is not streamed to', async () => {
    const reached = deferred();
    const guarded = deferred();
    let calls = 0;
    class SlowGuard implements CanActivate {
      async canActivate(): Promise<boolean> {
        reached.resolve();
        await guarded.promise;
        return true;
      }
    }
    @Controller()
    class GuardedController {
      @UseGuards(SlowGuard)
      @SseStream('stream')
      stream(@Pusher() _pusher: SsePusher): void {
        calls++;
      }
    }
    await start(GuardedController);
    await reached.promise;
    client.reset();
    await noConnections();
    guarded.resolve();
    // By the time that a later request is answered, the handler of the first would have been called.
    client = (await RawSocket.connect(app.port)).get('/stream');
    await client.untilText('retry: ');
    expect(calls).toBe(1);
    client.reset();
    await nothingIsLeft();
    expect(app.app.get(SseStreamRegistry).closedCounts()).toEqual(new Map([['client', 1]]));
  });

  it.each(SOURCES)('before the handler has returned %s', async (_, makeSource) => {
    const called = deferred<SsePusher>();
    const release = deferred();
    const released = deferred();
    let started = false;
    @Controller()
    class SlowController {
      @SseStream('stream')
      async stream(@Pusher() pusher: SsePusher): Promise<SseSource> {
        called.resolve(pusher);
        await release.promise;
        started = true;
        return makeSource([], released);
      }
    }
    await start(SlowController);
    const pusher = await called.promise;
    expect(pusher.state).toBe('pending');
    client.reset();
    expect(await reasonOf(pusher)).toEqual(CLIENT_LEFT);
    await nothingIsLeft();
    expect(await pusher.push('too late')).toBe(false);
    release.resolve();
    await eventually(() => started);
    if (makeSource !== observable) {
      await released.promise;
    }
  });

  it.each(SOURCES.slice(1))('while the head is held for the first value of %s', async (_, makeSource) => {
    const called = deferred<SsePusher>();
    const released = deferred();
    @Controller()
    class SilentController {
      @SseStream('stream', { openAfterMs: 'first-message' })
      stream(@Pusher() pusher: SsePusher): SseSource {
        called.resolve(pusher);
        return makeSource([], released);
      }
    }
    await start(SilentController);
    const pusher = await called.promise;
    client.reset();
    expect(await reasonOf(pusher)).toEqual(CLIENT_LEFT);
    expect(client.text).toBe('');
    await released.promise;
    await nothingIsLeft();
  });

  it.each(SOURCES)('while %s is open', async (_, makeSource) => {
    const called = deferred<SsePusher>();
    const released = deferred();
    @Controller()
    class OpenController {
      @SseStream('stream')
      stream(@Pusher() pusher: SsePusher): SseSource {
        called.resolve(pusher);
        return makeSource(['first'], released);
      }
    }
    await start(OpenController);
    await client.untilText('data: first');
    const registry = app.app.get(SseStreamRegistry);
    expect(registry.count).toBe(1);
    client.leave();
    expect(await reasonOf(await called.promise)).toEqual(CLIENT_LEFT);
    await released.promise;
    await nothingIsLeft();
  });

  it('lets a generator clean up once it hears of the signal', async () => {
    const cleaned = deferred();
    @Controller()
    class GeneratorController {
      @SseStream('stream')
      async *stream(@Pusher() { signal }: SsePusher) {
        try {
          yield 'first';
          await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
          yield 'never';
        } finally {
          cleaned.resolve();
        }
      }
    }
    await start(GeneratorController);
    await client.untilText('data: first');
    client.reset();
    await cleaned.promise;
    await nothingIsLeft();
  });

  it('while a push waits for it', async () => {
    const handedOver = new HandedOver();
    await start(handedOver.controller);
    const pusher = await handedOver.next();
    await client.untilText('retry: ');
    client.pause();
    const { waiting } = await fill(pusher);
    client.reset();
    expect(await waiting).toBe(false);
    expect(pusher.signal.reason).toEqual(CLIENT_LEFT);
    await nothingIsLeft();
  });

  it('while the stream is closing', async () => {
    const handedOver = new HandedOver();
    await start(handedOver.controller);
    const pusher = await handedOver.next();
    await client.untilText('retry: ');
    client.pause();
    await fill(pusher);
    const closed = pusher.close();
    client.reset();
    await closed;
    expect(pusher.signal.reason).toEqual({ reason: 'ended' });
    await nothingIsLeft();
  });

  it('is noticed by requests that were pipelined and never had their turn', async () => {
    const handedOver = new HandedOver({ maxBufferedBytes: 100_000 });
    await start(handedOver.controller);
    client.get('/stream');
    const first = await handedOver.next();
    const second = await handedOver.next();
    await client.untilText('retry: ');
    await first.push('to the first');
    await client.untilText('to the first');
    expect(await second.push('waits for its turn')).toBe(true);
    const flood = Array.from({ length: 20 }, () => second.push('x'.repeat(16_000)));
    const tooMuch = (await Promise.allSettled(flood.slice(-5))).map(({ status }) => status);
    expect(tooMuch).toEqual(Array(5).fill('rejected'));
    client.reset();
    expect(await reasonOf(first)).toEqual(CLIENT_LEFT);
    expect(await reasonOf(second)).toEqual(CLIENT_LEFT);
    expect(await flood[4]).toBe(false);
    await nothingIsLeft();
    expect(client.text).not.toContain('waits for its turn');
  });
});
