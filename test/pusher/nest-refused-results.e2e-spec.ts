import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Logger } from '@nestjs/common';
import { Pusher, SsePusher, SseSourceError, SseStream, SseStreamRegistry } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

/** Handlers from JavaScript, or cast past the compiler, that return what cannot be streamed. */
@Controller()
class RefusedController {
  @SseStream('number')
  number(): any {
    return 5;
  }

  @SseStream('string')
  string(): any {
    return 'hello';
  }

  @SseStream('null')
  null(): any {
    return null;
  }

  @SseStream('nothing')
  nothing(): void {}

  @SseStream('object')
  object(): any {
    return { data: 'one message, and no source of messages' };
  }

  @SseStream('number-promise')
  async numberPromise(): Promise<any> {
    return 5;
  }

  @SseStream('nothing-promise')
  async nothingPromise(): Promise<void> {}

  @SseStream('null-with-pusher')
  nullWithPusher(@Pusher() _pusher: SsePusher): any {
    return null;
  }

  @SseStream('function')
  function(): any {
    return () => ['hello'];
  }
}

describe.each(PLATFORMS)('refused results of handlers on %s', (platform) => {
  let server: TestApp;
  let log: jest.SpiedFunction<Logger['error']>;

  beforeAll(async () => {
    server = await startApp(platform, { controllers: [RefusedController] });
  });

  beforeEach(() => {
    log = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  });

  afterEach(() => {
    log.mockRestore();
  });

  afterAll(() => server.close());

  it.each([
    ['/number', 'Cannot stream a value of type number'],
    ['/string', 'Cannot stream a value of type string'],
    ['/null', 'Cannot stream null'],
    ['/nothing', 'RefusedController.nothing returned nothing to stream'],
    ['/object', 'Cannot stream a value of type object'],
    ['/number-promise', 'Cannot stream a value of type number'],
    ['/nothing-promise', 'RefusedController.nothingPromise returned nothing to stream'],
    ['/null-with-pusher', 'Cannot stream null'],
    ['/function', 'Cannot stream a value of type function'],
  ])('answers %s with 500, streams nothing and logs why', async (path, problem) => {
    const { status, headers, json } = await readRaw(server.port, path);

    expect(status).toBe(500);
    expect(headers['content-type']).toContain('application/json');
    expect(json).toEqual({ statusCode: 500, message: 'Internal server error' });
    const error = log.mock.calls.flat().find((logged) => logged instanceof SseSourceError) as SseSourceError;
    expect(error.code).toBe('SSE_SOURCE');
    expect(error.message.startsWith(problem)).toBe(true);
    expect(server.app.get(SseStreamRegistry).count).toBe(0);
  });
});
