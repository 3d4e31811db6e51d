import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Logger } from '@nestjs/common';
import { Pusher, SsePusher, SseStream } from '../../lib/index.js';
import { eventually } from './support/eventually.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

@Controller()
class HostileController {
  @SseStream('hooked', {
    onOpen: async () => {
      throw new Error('from onOpen');
    },
    onClose: async () => {
      throw new Error('from onClose');
    },
  })
  *hooked() {
    yield 'one';
  }

  @SseStream('nameless')
  async nameless(@Pusher() pusher: SsePusher): Promise<void> {
    await pusher.push('one');
    throw Object.create(null);
  }
}

describe.each(PLATFORMS)('what ends no process on %s', (platform) => {
  let server: TestApp;
  let log: jest.SpiedFunction<Logger['error']>;

  beforeEach(async () => {
    server = await startApp(platform, { controllers: [HostileController] });
    log = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  });

  afterEach(async () => {
    log.mockRestore();
    await server.close();
  });

  it('is a hook that is an async function and rejects', async () => {
    await readRaw(server.port, '/hooked');
    await eventually(() => log.mock.calls.length === 2);
    expect(log.mock.calls.map(([message]) => message)).toEqual([
      expect.stringContaining('onOpen failed: from onOpen'),
      expect.stringContaining('onClose failed: from onClose'),
    ]);
  });

  it('is a handler that throws what cannot be made a string', async () => {
    const { text } = await readRaw(server.port, '/nameless');
    expect(text).toContain('data: one');
    expect(log).toHaveBeenCalledWith(expect.stringContaining('failed: a value of type object'), undefined);
  });
});
