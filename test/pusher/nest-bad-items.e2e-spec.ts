import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Logger, Param } from '@nestjs/common';
import { from } from 'rxjs';
import { SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

/** What a source may yield by mistake, and what the log says of it. */
const ITEMS: Record<string, { readonly item: unknown; readonly logged: string }> = {
  number: { item: 5, logged: 'not a number' },
  nothing: { item: undefined, logged: 'not undefined' },
  null: { item: null, logged: 'not null' },
  array: { item: ['a'], logged: 'not an array' },
  stranger: { item: { foo: 1 }, logged: 'not an object with none of them' },
  bytes: { item: Buffer.from('raw'), logged: 'not an object with none of them' },
  injection: { item: { id: '1\n2' }, logged: 'its id must not hold CR or LF' },
  bigint: { item: { data: 1n }, logged: 'its data' },
};

@Controller()
class ItemsController {
  @SseStream('observable/:name')
  observable(@Param('name') name: string) {
    return from(around(name));
  }

  @SseStream('generator/:name')
  *generator(@Param('name') name: string) {
    yield* around(name);
  }

  @SseStream('async-generator/:name')
  async *asyncGenerator(@Param('name') name: string) {
    yield* around(name);
  }

  @SseStream('web-stream/:name')
  webStream(@Param('name') name: string): ReadableStream<any> {
    return new ReadableStream({
      start(controller) {
        for (const item of around(name)) {
          controller.enqueue(item);
        }
        controller.close();
      },
    });
  }
}

function around(name: string): any[] {
  return ['before', ITEMS[name]!.item, 'after'];
}

describe.each(PLATFORMS)('items of a source that are no messages on %s', (platform) => {
  let server: TestApp;
  let log: jest.SpiedFunction<Logger['error']>;

  beforeAll(async () => {
    server = await startApp(platform, { controllers: [ItemsController], sse: { retryMs: false } });
  });

  beforeEach(() => {
    log = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  });

  afterEach(() => {
    log.mockRestore();
  });

  afterAll(() => server.close());

  describe.each(['observable', 'generator', 'async-generator', 'web-stream'])('%s', (source) => {
    it.each(Object.keys(ITEMS))('skips and logs %s, and goes on', async (name) => {
      const { status, text } = await readRaw(server.port, `/${source}/${name}`);

      expect(status).toBe(200);
      expect(text).toBe('data: before\n\ndata: after\n\n');
      expect(log).toHaveBeenCalledTimes(1);
      expect(log.mock.calls[0]![0]).toMatch(/^Stream \d+ of ItemsController\.\w+: an item of its source was skipped: /);
      expect(log.mock.calls[0]![0]).toContain(ITEMS[name]!.logged);
    });
  });
});
