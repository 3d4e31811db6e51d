import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  RequestTimeoutException,
} from '@nestjs/common';
import { catchError, NEVER, type Observable, TimeoutError, throwError, timeout } from 'rxjs';
import { Pusher, SsePusher, SseStream } from '../../lib/index.js';
import { type Deferred, deferred } from './support/deferred.js';
import { stopClock } from './support/fake-clock.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { openRaw, readRaw } from './support/raw-client.js';

const TIMEOUT_MS = 1000;

/** The timeout interceptor of Nest's own documentation. */
@Injectable()
class TimeoutInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      timeout(TIMEOUT_MS),
      catchError((error) => throwError(() => (error instanceof TimeoutError ? new RequestTimeoutException() : error))),
    );
  }
}

/** What the test and the handler tell each other. */
interface Visit {
  readonly pusher: Deferred<SsePusher>;
  readonly leave: Deferred<void>;
  readonly left: Deferred<void>;
}

let visit: Visit;

@Controller()
class QuietController {
  @SseStream('quiet')
  async quiet(@Pusher() pusher: SsePusher): Promise<void> {
    pusher.open();
    visit.pusher.resolve(pusher);
    await visit.leave.promise;
  }

  @SseStream('quiet-observable')
  quietObservable(@Pusher() pusher: SsePusher) {
    visit.pusher.resolve(pusher);
    return NEVER;
  }

  @SseStream('held')
  async held(@Pusher() pusher: SsePusher): Promise<void> {
    visit.pusher.resolve(pusher);
    await visit.leave.promise;
    await pusher.push('too late');
    visit.left.resolve();
  }
}

describe.each(PLATFORMS)('a global timeout interceptor on %s', (platform) => {
  let server: TestApp;

  beforeAll(async () => {
    server = await startApp(platform, {
      controllers: [QuietController],
      sse: { retryMs: false, pingMs: 0 },
      configure: (app) => app.useGlobalInterceptors(new TimeoutInterceptor()),
    });
  });

  beforeEach(() => {
    visit = { pusher: deferred(), leave: deferred(), left: deferred() };
    stopClock();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  afterAll(() => server.close());

  it.each(['/quiet', '/quiet-observable'])('does not cut the open stream of %s', async (path) => {
    const stream = await openRaw(server.port, path);
    const pusher = await visit.pusher.promise;
    await jest.advanceTimersByTimeAsync(20 * TIMEOUT_MS);

    expect(await pusher.push('still here')).toBe(true);
    await stream.untilText('still here');
    await pusher.close();
    expect(await stream.untilEnd()).toBe('data: still here\n\n');
  });

  it('answers with its own status while the head is held', async () => {
    const answer = readRaw(server.port, '/held');
    const pusher = await visit.pusher.promise;
    await jest.advanceTimersByTimeAsync(TIMEOUT_MS);
    const { status, headers, json } = await answer;

    expect(status).toBe(408);
    expect(headers['content-type']).toContain('application/json');
    expect(json).toEqual({ statusCode: 408, message: 'Request Timeout' });

    visit.leave.resolve();
    await visit.left.promise;
    expect(pusher.state).toBe('closed');
    expect(await pusher.push('nobody listens')).toBe(false);
  });

  it('tells a handler whose request it has answered', async () => {
    const answer = readRaw(server.port, '/held');
    const { signal } = await visit.pusher.promise;
    const aborted = deferred();
    signal.addEventListener('abort', () => aborted.resolve());
    await jest.advanceTimersByTimeAsync(TIMEOUT_MS);
    await answer;

    await aborted.promise;
    expect(signal.reason).toEqual({ reason: 'error' });
  });
});
