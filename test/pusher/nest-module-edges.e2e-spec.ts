import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Logger, Module, type ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { of } from 'rxjs';
import { SseModule, type SseModuleOptions, SseStream } from '../../lib/index.js';
import * as protocol from '../../lib/protocol/index.js';
import { PLATFORMS, startBareApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

@Controller()
class HelloController {
  @SseStream('hello')
  hello() {
    return of('hello');
  }
}

describe.each(PLATFORMS)('SseModule without forRoot() on %s', (platform) => {
  it('has every option at its default', async () => {
    const app = await startBareApp(platform, { imports: [SseModule], controllers: [HelloController] });
    const { text } = await readRaw(app.port, '/hello');
    expect(text).toMatch(/^retry: 2\d{3}\n\ndata: hello\n\n$/);
    await app.close();
  });
});

describe('SseModule without forRoot() beside SseModule.forRoot()', () => {
  @Module({ imports: [SseModule] })
  class OrdersModule {}

  @Module({})
  class QuietModule {}

  let errors: jest.SpiedFunction<Logger['error']>;

  beforeEach(() => {
    errors = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  });

  afterEach(() => {
    errors.mockRestore();
  });

  async function said(...imports: NonNullable<ModuleMetadata['imports']>): Promise<unknown[][]> {
    const testing = await Test.createTestingModule({ imports }).compile();
    await testing.close();
    return errors.mock.calls;
  }

  it.each([
    ['forRoot()', () => SseModule.forRoot()],
    ['forRootAsync()', () => SseModule.forRootAsync({ useFactory: () => 30_000 })],
    ['forRoot() that is not global', () => SseModule.forRoot({ isGlobal: false })],
  ])('is told of at the start, with who imports it: %s', async (_, root) => {
    const lines = await said(OrdersModule, root(), QuietModule);
    expect(lines).toEqual([
      [expect.stringMatching(/^OrdersModule imports SseModule without forRoot\(\).* channels of its own/)],
    ]);
  });

  it('is nothing to tell of where it is alone', async () => {
    expect(await said(OrdersModule, SseModule)).toEqual([]);
  });

  it('is not what several modules with options are', async () => {
    expect(await said(SseModule.forRoot(), SseModule.forRoot({ pingMs: 1000 }), QuietModule)).toEqual([]);
  });
});

describe('module options', () => {
  it('names the options of the module, too, when one is not known', () => {
    const options = { shutdwon: {} } as SseModuleOptions;
    expect(() => SseModule.forRoot(options)).toThrow(/'shutdwon' is not an option; known are .*shutdown.*isGlobal/);
  });

  it('refuses isGlobal from a factory, where it comes too late', async () => {
    const imports = [SseModule.forRootAsync({ useFactory: () => ({ isGlobal: false }) })];
    await expect(Test.createTestingModule({ imports }).compile()).rejects.toMatchObject({
      code: 'SSE_OPTIONS',
      problems: [{ option: 'isGlobal' }],
    });
  });
});

describe('what nestjs-event-stream/protocol exports', () => {
  it('is the codec and its errors, and no helper of ours', () => {
    expect(Object.keys(protocol).sort()).toEqual([
      'EVENT_STREAM_HEADERS',
      'ReceivedMessage',
      'SseDecodeError',
      'SseDecoder',
      'SseError',
      'SseInvalidMessageError',
      'SseJsonError',
      'SseOptionsError',
      'SseProbeError',
      'SseWriteError',
      'decodeLastEventId',
      'detectBuffering',
      'encodeLastEventId',
      'encodeMessage',
      'formatMessage',
      'isEventStream',
      'isSseError',
      'readMessages',
      'writeMessage',
    ]);
  });
});
