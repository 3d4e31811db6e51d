import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  NotFoundException,
  UseInterceptors,
} from '@nestjs/common';
import { catchError, finalize, map, type Observable, of, retry } from 'rxjs';
import { Pusher, SsePusher, SseStream } from '../../lib/index.js';
import { type Deferred, deferred } from './support/deferred.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { openRaw, readRaw } from './support/raw-client.js';

const calls: string[] = [];
let closed: Deferred<string>;

@Injectable()
class Cached implements NestInterceptor {
  intercept(): Observable<unknown> {
    return of({ cached: true });
  }
}

@Injectable()
class Envelope implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((result) => ({ envelope: result ?? 'nothing' })));
  }
}

@Injectable()
class Fallback implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(catchError((error: Error) => of({ instead: error.message })));
  }
}

@Injectable()
class Retrying implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(retry(2));
  }
}

/** Logs when Nest is done with a request, as everybody's logging interceptor does. */
@Injectable()
class Logging implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const name = `${context.getClass().name}.${context.getHandler().name}`;
    calls.push(`${name} starts`);
    return next.handle().pipe(finalize(() => calls.push(`${name} is handled`)));
  }
}

/** Expects something of every result, which handlers of streams do not have. */
@Injectable()
class Demanding implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((result: { items: unknown }) => result.items));
  }
}

@Controller()
class InterceptedController {
  pusher: SsePusher | undefined;

  @SseStream('cached')
  @UseInterceptors(Cached)
  *cached() {
    calls.push('handler');
    yield 'never';
  }

  @SseStream('envelope')
  @UseInterceptors(Envelope)
  async envelope(@Pusher() pusher: SsePusher): Promise<void> {
    pusher.open();
    calls.push('opened');
  }

  @SseStream('envelope-of-values')
  @UseInterceptors(Envelope)
  *envelopeOfValues() {
    yield 'one';
    yield 'two';
  }

  @SseStream('fallback')
  @UseInterceptors(Fallback)
  async fallback(@Pusher() _pusher: SsePusher): Promise<void> {
    throw new NotFoundException('No such stream');
  }

  @SseStream('retrying')
  @UseInterceptors(Retrying)
  async *retrying(@Pusher() { state }: SsePusher) {
    calls.push(state);
    if (calls.length < 3) {
      throw new NotFoundException();
    }
    yield `attempt ${calls.length}`;
  }

  @UseInterceptors(Demanding)
  @SseStream('demanding', { onClose: (_stream, reason) => closed.resolve(reason) })
  async demanding(@Pusher() pusher: SsePusher): Promise<void> {
    pusher.open();
    await new Promise((resolve) => pusher.signal.addEventListener('abort', resolve));
  }

  @UseInterceptors(Logging)
  @SseStream('logged', { onClose: () => calls.push('the stream closes') })
  async logged(@Pusher() pusher: SsePusher): Promise<void> {
    this.pusher = pusher;
    await pusher.push('hello');
  }
}

describe.each(PLATFORMS)('interceptors on %s', (platform) => {
  let server: TestApp;

  beforeAll(async () => {
    server = await startApp(platform, { controllers: [InterceptedController], sse: { retryMs: false } });
  });

  beforeEach(() => {
    calls.length = 0;
    closed = deferred();
  });

  afterAll(() => server.close());

  it('may answer without calling the handler', async () => {
    const { status, headers, json } = await readRaw(server.port, '/cached');

    expect(status).toBe(200);
    expect(headers['content-type']).toContain('application/json');
    expect(json).toEqual({ cached: true });
    expect(calls).toEqual([]);
  });

  it('may transform the result of a handler, which changes nothing on the stream', async () => {
    const { status, headers, text } = await readRaw(server.port, '/envelope-of-values');

    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(text).toBe('data: one\n\ndata: two\n\n');
  });

  it('may transform the result of a handler that has only opened', async () => {
    const stream = await openRaw(server.port, '/envelope');

    expect(stream.status).toBe(200);
    expect(calls).toEqual(['opened']);
    expect(stream.ended).toBe(false);
    stream.leave();
  });

  it('may answer instead of a handler that failed before the stream opened', async () => {
    const { status, headers, json } = await readRaw(server.port, '/fallback');

    expect(status).toBe(200);
    expect(headers['content-type']).toContain('application/json');
    expect(json).toEqual({ instead: 'No such stream' });
  });

  it('may call a handler again that failed before the stream opened', async () => {
    const { status, text } = await readRaw(server.port, '/retrying');

    expect(status).toBe(200);
    expect(text).toBe('data: attempt 3\n\n');
    expect(calls).toEqual(['pending', 'pending', 'pending']);
  });

  it('sees the handler finish when the stream opens; the end is for onClose', async () => {
    const stream = await openRaw(server.port, '/logged');
    await stream.untilText('hello');
    const handled = ['InterceptedController.logged starts', 'InterceptedController.logged is handled'];
    expect(calls).toEqual(handled);

    await server.app.get(InterceptedController).pusher?.close();
    await stream.untilEnd();
    expect(calls).toEqual([...handled, 'the stream closes']);
  });

  it('ends the stream when it fails after the opening: Nest gives up on the request', async () => {
    const { status, text } = await readRaw(server.port, '/demanding');

    expect([status, text]).toEqual([200, '']);
    expect(await closed.promise).toBe('error');
  });
});
