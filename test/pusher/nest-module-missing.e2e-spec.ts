import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { isSseError, SseModule, SseModuleMissingError, SseStream } from '../../lib/index.js';
import { PLATFORMS, startBareApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

@Controller('news')
class NewsController {
  @SseStream()
  *stream() {
    yield 'hello';
  }
}

describe.each(PLATFORMS)('a controller without the module on %s', (platform) => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('starts, and says on the first request what to import', async () => {
    const server = await startBareApp(platform, { controllers: [NewsController] });
    const log = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    const { status, text } = await readRaw(server.port, '/news');
    await server.close();

    expect(status).toBe(500);
    expect(text).not.toContain('hello');
    const error = log.mock.calls.flat().find((logged) => isSseError(logged));
    expect(error).toBeInstanceOf(SseModuleMissingError);
    expect(error).toMatchObject({
      code: 'SSE_MODULE_MISSING',
      message:
        'NewsController.stream streams events, but SsePusherFactory was not found. ' +
        'Import SseModule.forRoot() in the root module.',
    });
  });

  it('says the same where the module is there, but not for everybody', async () => {
    const server = await startBareApp(platform, {
      imports: [{ module: class Other {}, imports: [SseModule.forRoot({ isGlobal: false })] }],
      controllers: [NewsController],
    });
    const { status } = await readRaw(server.port, '/news');
    await server.close();

    expect(status).toBe(500);
  });
});

describe('a controller without the module and without a server', () => {
  it('can be tested by calls', async () => {
    const testing = await Test.createTestingModule({ controllers: [NewsController] }).compile();

    expect([...testing.get(NewsController).stream()]).toEqual(['hello']);
  });
});
