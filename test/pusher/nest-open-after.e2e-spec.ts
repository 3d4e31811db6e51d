import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, GoneException } from '@nestjs/common';
import { from, NEVER, type Observable } from 'rxjs';
import { Pusher, SsePusher, SseStream } from '../../lib/index.js';
import { type Deferred, deferred } from './support/deferred.js';
import { stopClock } from './support/fake-clock.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { openRaw, type RawStream, readRaw } from './support/raw-client.js';

interface Visit {
  readonly pusher: Deferred<SsePusher>;
  readonly message: Deferred<string>;
}

let visit: Visit;

async function later(pusher: SsePusher): Promise<void> {
  visit.pusher.resolve(pusher);
  await pusher.push(await visit.message.promise);
  await pusher.close();
}

async function* laterValue({ pusher, message }: Visit, of: SsePusher) {
  pusher.resolve(of);
  yield await message.promise;
}

function laterEmission(pusher: SsePusher): Observable<string> {
  visit.pusher.resolve(pusher);
  return from(visit.message.promise);
}

@Controller()
class HeldController {
  @SseStream('handler')
  handler(@Pusher() pusher: SsePusher): Promise<void> {
    return later(pusher);
  }

  @SseStream('generator')
  generator(@Pusher() pusher: SsePusher) {
    return laterValue(visit, pusher);
  }

  @SseStream('handler-1000', { openAfterMs: 1000 })
  handler1000(@Pusher() pusher: SsePusher): Promise<void> {
    return later(pusher);
  }

  @SseStream('generator-1000', { openAfterMs: 1000 })
  generator1000(@Pusher() pusher: SsePusher) {
    return laterValue(visit, pusher);
  }

  @SseStream('observable')
  observable(@Pusher() pusher: SsePusher) {
    visit.pusher.resolve(pusher);
    return NEVER;
  }

  @SseStream('returned')
  returned(@Pusher() pusher: SsePusher): void {
    visit.pusher.resolve(pusher);
  }

  @SseStream('first/handler', { openAfterMs: 'first-message' })
  firstHandler(@Pusher() pusher: SsePusher): Promise<void> {
    return later(pusher);
  }

  @SseStream('first/returned', { openAfterMs: 'first-message' })
  firstReturned(@Pusher() pusher: SsePusher): void {
    void later(pusher);
  }

  @SseStream('first/generator', { openAfterMs: 'first-message' })
  firstGenerator(@Pusher() pusher: SsePusher) {
    return laterValue(visit, pusher);
  }

  @SseStream('first/observable', { openAfterMs: 'first-message' })
  firstObservable(@Pusher() pusher: SsePusher) {
    return laterEmission(pusher);
  }

  @SseStream('zero/handler', { openAfterMs: 0 })
  zeroHandler(@Pusher() pusher: SsePusher): Promise<void> {
    return later(pusher);
  }

  @SseStream('zero/throws', { openAfterMs: 0 })
  zeroThrows(): void {
    throw new GoneException();
  }
}

describe.each(PLATFORMS)('held heads on %s', (platform) => {
  let server: TestApp;

  beforeAll(async () => {
    server = await startApp(platform, { controllers: [HeldController], sse: { retryMs: false, pingMs: 0 } });
  });

  beforeEach(() => {
    visit = { pusher: deferred(), message: deferred() };
    stopClock();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  afterAll(() => server.close());

  async function visited(path: string): Promise<{ opening: Promise<RawStream>; pusher: SsePusher }> {
    const opening = openRaw(server.port, path);
    return { opening, pusher: await visit.pusher.promise };
  }

  it.each([
    ['/handler', 10_000],
    ['/generator', 250],
    ['/handler-1000', 1000],
    ['/generator-1000', 1000],
  ])('holds that of %s for %d ms', async (path, milliseconds) => {
    const { opening, pusher } = await visited(path);
    await jest.advanceTimersByTimeAsync(milliseconds - 1);
    expect(pusher.state).toBe('pending');

    await jest.advanceTimersByTimeAsync(1);
    expect(pusher.state).toBe('open');
    const stream = await opening;
    expect([stream.status, stream.text]).toEqual([200, '']);

    visit.message.resolve('hello');
    expect(await stream.untilEnd()).toBe('data: hello\n\n');
  });

  it.each(['/handler', '/generator'])('sends that of %s with an earlier message', async (path) => {
    const { opening } = await visited(path);
    visit.message.resolve('hello');

    expect(await (await opening).untilEnd()).toBe('data: hello\n\n');
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each(['/observable', '/returned'])('does not hold that of %s', async (path) => {
    const { opening, pusher } = await visited(path);
    const stream = await opening;

    expect(stream.status).toBe(200);
    await pusher.close();
    expect(await stream.untilEnd()).toBe('');
  });

  it.each(['/first/handler', '/first/returned', '/first/generator', '/first/observable'])(
    'holds that of %s for its first message, however long it takes',
    async (path) => {
      const { opening, pusher } = await visited(path);
      await jest.advanceTimersByTimeAsync(24 * 60 * 60 * 1000);
      expect(pusher.state).toBe('pending');

      visit.message.resolve('at last');
      expect(await (await opening).untilEnd()).toBe('data: at last\n\n');
    },
  );

  it.each(['/first/handler', '/first/generator', '/first/observable'])(
    'gives what %s fails with its own status, a day later',
    async (path) => {
      const { opening } = await visited(path);
      await jest.advanceTimersByTimeAsync(24 * 60 * 60 * 1000);
      visit.message.reject(new GoneException());

      expect((await opening).status).toBe(410);
    },
  );

  it('opens as soon as the handler waits, with 0', async () => {
    const { opening, pusher } = await visited('/zero/handler');
    expect(pusher.state).toBe('pending');
    await jest.advanceTimersByTimeAsync(0);

    expect(pusher.state).toBe('open');
    (await opening).leave();
  });

  it('gives what a handler throws at once its own status, even with 0', async () => {
    expect((await readRaw(server.port, '/zero/throws')).status).toBe(410);
  });
});
