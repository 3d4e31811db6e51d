import { describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
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
