import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, GoneException, Logger, NotFoundException } from '@nestjs/common';
import { concat, of, throwError } from 'rxjs';
import { Pusher, SsePusher, SseStream, SseStreamRegistry } from '../../lib/index.js';
import { type Deferred, deferred } from './support/deferred.js';
import { stopClock } from './support/fake-clock.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { openRaw, readRaw } from './support/raw-client.js';

interface Visit {
  readonly called: Deferred<void>;
  readonly outcome: Deferred<void>;
}

let visit: Visit;

@Controller()
class FailingController {
  @SseStream('sync')
  sync(): void {
    throw new GoneException();
  }

  @SseStream('rejects')
  async rejects(@Pusher() _pusher: SsePusher): Promise<void> {
    throw new GoneException();
  }

  @SseStream('observable')
  observable() {
    return throwError(() => new GoneException());
  }

  @SseStream('generator')
  *generator() {
    if (visit) {
      throw new GoneException();
    }
    yield 'never';
  }

  @SseStream('web-stream')
  webStream(): ReadableStream<string> {
    return new ReadableStream({ start: (controller) => controller.error(new GoneException()) });
  }

  @SseStream('piped')
  async piped(@Pusher() pusher: SsePusher): Promise<void> {
    await pusher.pipe(throwError(() => new GoneException()));
  }

  @SseStream('late')
  async late(@Pusher() pusher: SsePusher): Promise<void> {
    visit.called.resolve();
    await visit.outcome.promise;
    await pusher.push('found');
    await pusher.close();
  }

  @SseStream('late-generator')
  async *lateGenerator() {
    visit.called.resolve();
    await visit.outcome.promise;
    yield 'found';
  }

  @SseStream('after/pusher')
  async afterPusher(@Pusher() pusher: SsePusher): Promise<void> {
    await pusher.push('one');
    throw new Error('afterwards');
  }

  @SseStream('after/opened')
  async afterOpened(@Pusher() pusher: SsePusher): Promise<void> {
    pusher.open();
    await pusher.push('one');
    throw new GoneException('afterwards');
  }

  @SseStream('after/observable')
  afterObservable() {
    return concat(
      of('one'),
      throwError(() => new Error('afterwards')),
    );
  }

  @SseStream('after/generator')
  async *afterGenerator() {
    yield 'one';
    throw new Error('afterwards');
  }
}

describe.each(PLATFORMS)('failures of handlers and sources on %s', (platform) => {
  let server: TestApp;
  let log: jest.SpiedFunction<Logger['error']>;

  beforeAll(async () => {
    server = await startApp(platform, {
      controllers: [FailingController],
      sse: { retryMs: false, pingMs: 0, closeMessage: 'closing' },
    });
  });

  beforeEach(() => {
    visit = { called: deferred(), outcome: deferred() };
    log = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  });

  afterEach(() => {
    jest.useRealTimers();
    log.mockRestore();
  });

  afterAll(() => server.close());

  it.each(['/sync', '/rejects', '/observable', '/generator', '/web-stream', '/piped'])(
    'gives what %s throws first its own status and body',
    async (path) => {
      const { status, headers, json } = await readRaw(server.port, path);

      expect(status).toBe(410);
      expect(headers['content-type']).toContain('application/json');
      expect(headers['x-accel-buffering']).toBeUndefined();
      expect(json).toEqual({ statusCode: 410, message: 'Gone' });
      expect(log).not.toHaveBeenCalled();
    },
  );

  it('gives a handler that rejects 300 ms after its call its own status', async () => {
    stopClock();
    const answer = readRaw(server.port, '/late');
    await visit.called.promise;
    await jest.advanceTimersByTimeAsync(300);
    visit.outcome.reject(new NotFoundException('No such job'));
    const { status, json } = await answer;

    expect(status).toBe(404);
    expect(json.message).toBe('No such job');
  });

  it('gives a generator that fails before its first value its own status', async () => {
    const answer = readRaw(server.port, '/late-generator');
    await visit.called.promise;
    visit.outcome.reject(new NotFoundException('No such job'));

    expect((await answer).status).toBe(404);
  });

  it('streams what a late handler has found', async () => {
    const opening = openRaw(server.port, '/late');
    await visit.called.promise;
    visit.outcome.resolve();
    const stream = await opening;

    expect(stream.status).toBe(200);
    expect(await stream.untilEnd()).toBe('data: found\n\ndata: closing\n\n');
  });

  it.each([
    ['/after/pusher', 'afterPusher'],
    ['/after/opened', 'afterOpened'],
    ['/after/observable', 'afterObservable'],
    ['/after/generator', 'afterGenerator'],
  ])('ends %s after its message, tells the log, and nothing to the client', async (path, method) => {
    const { status, text } = await readRaw(server.port, path);

    expect(status).toBe(200);
    expect(text).toBe('data: one\n\n');
    expect(log).toHaveBeenCalledTimes(1);
    const [message, stack] = log.mock.calls[0]! as [string, string];
    expect(message).toMatch(new RegExp(`^Stream \\d+ of FailingController\\.${method} failed: afterwards$`));
    expect(stack).toContain('nest-failures');
    expect(server.app.get(SseStreamRegistry).closedCounts().get('error')).toBeGreaterThan(0);
    expect(server.app.get(SseStreamRegistry).count).toBe(0);
  });
});
