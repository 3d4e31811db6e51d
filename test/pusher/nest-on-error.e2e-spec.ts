import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Injectable, Logger, Module, NotFoundException } from '@nestjs/common';
import { concat, of, throwError } from 'rxjs';
import {
  Pusher,
  type SseErrorHandler,
  type SseMessage,
  SsePusher,
  SseStream,
  type SseStreamInfo,
  type SseStreamOptions,
} from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

const told: [error: unknown, stream: SseStreamInfo][] = [];

@Injectable()
class Wording {
  of(error: unknown): SseMessage {
    return { event: 'failed', data: { message: (error as Error).message } };
  }
}

@Injectable()
class ErrorHandler implements SseErrorHandler {
  constructor(private readonly wording: Wording) {}

  async onError(error: unknown, stream: SseStreamInfo): Promise<SseMessage> {
    told.push([error, stream]);
    return this.wording.of(error);
  }
}

@Injectable()
class NowhereProvided implements SseErrorHandler {
  onError(): string {
    return 'never';
  }
}

/** The handler need not be where the controller is. */
@Module({ providers: [Wording, ErrorHandler] })
class ErrorsModule {}

const listener =
  (last: SseMessage | string | void): SseStreamOptions['onError'] =>
  (error, stream) => {
    told.push([error, stream]);
    return last;
  };

@Controller()
class FailingController {
  @SseStream('module')
  *module() {
    yield 'one';
    throw new Error('broken');
  }

  @SseStream('class', { onError: ErrorHandler })
  async class(@Pusher() pusher: SsePusher): Promise<void> {
    await pusher.push('one');
    throw new Error('broken');
  }

  @SseStream('observable', { onError: ErrorHandler })
  observable() {
    return concat(
      of('one'),
      throwError(() => new Error('broken')),
    );
  }

  @SseStream('piped', { onError: ErrorHandler })
  async piped(@Pusher() pusher: SsePusher): Promise<void> {
    await pusher.push('one');
    await pusher.pipe(
      throwError(() => new Error('broken')),
      { end: true },
    );
  }

  @SseStream('text', { onError: listener('that was all') })
  *text() {
    yield 'one';
    throw new Error('broken');
  }

  @SseStream('silent', { onError: listener(undefined) })
  *silent() {
    yield 'one';
    throw new Error('broken');
  }

  @SseStream('throwing', {
    onError() {
      throw new Error('the handler is broken too');
    },
  })
  *throwing() {
    yield 'one';
    throw new Error('broken');
  }

  @SseStream('invalid', { onError: listener({ id: 'a\nb' }) })
  *invalid() {
    yield 'one';
    throw new Error('broken');
  }

  @SseStream('missing', { onError: NowhereProvided })
  *missing() {
    yield 'one';
    throw new Error('broken');
  }

  @SseStream('before', { onError: listener('never') })
  before(): void {
    throw new NotFoundException();
  }
}

describe.each(PLATFORMS)('onError on %s', (platform) => {
  let server: TestApp;
  let log: jest.SpiedFunction<Logger['error']>;

  beforeAll(async () => {
    server = await startApp(platform, {
      imports: [ErrorsModule],
      controllers: [FailingController],
      sse: { retryMs: false, onError: listener({ event: 'by-default' }) },
    });
  });

  beforeEach(() => {
    told.length = 0;
    log = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  });

  afterEach(() => {
    log.mockRestore();
  });

  afterAll(() => server.close());

  it.each([
    ['/module', 'event: by-default\ndata:\n\n'],
    ['/text', 'data: that was all\n\n'],
    ['/silent', ''],
    ['/class', 'event: failed\ndata: {"message":"broken"}\n\n'],
    ['/observable', 'event: failed\ndata: {"message":"broken"}\n\n'],
    ['/piped', 'event: failed\ndata: {"message":"broken"}\n\n'],
  ])('is told of the failure of %s, and may have the last word', async (path, last) => {
    const { text } = await readRaw(server.port, path);

    expect(text).toBe(`data: one\n\n${last}`);
    expect(told).toHaveLength(1);
    const [error, stream] = told[0]!;
    expect((error as Error).message).toBe('broken');
    expect(stream.route).toBe(`FailingController.${path.slice(1)}`);
    expect(stream.executionContext?.getClass()).toBe(FailingController);
    expect(log).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['/throwing', 'the handler is broken too'],
    ['/invalid', 'its id must not hold CR or LF'],
    ['/missing', 'NowhereProvided'],
  ])('does no further harm when that of %s fails itself', async (path, reason) => {
    const { text } = await readRaw(server.port, path);

    expect(text).toBe('data: one\n\n');
    expect(log.mock.calls.map(([message]) => message)).toEqual([
      expect.stringContaining('failed: broken'),
      expect.stringMatching(new RegExp(`: onError failed: .*${reason}`)),
    ]);
  });

  it('is not told of what an exception filter answers', async () => {
    expect((await readRaw(server.port, '/before')).status).toBe(404);

    expect(told).toEqual([]);
  });
});
