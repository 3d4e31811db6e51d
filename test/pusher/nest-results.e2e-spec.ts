import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, type MessageEvent } from '@nestjs/common';
import { concat, type Observable, of, timer } from 'rxjs';
import { map } from 'rxjs/operators';
import { Pusher, type SseMessage, SsePusher, SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

const MESSAGES: SseMessage[] = [{ id: '1', event: 'tick', data: { n: 1 } }, { data: 'plain' }];
const FRAMES = 'id: 1\nevent: tick\ndata: {"n":1}\n\ndata: plain\n\n';

async function* asyncMessages() {
  yield* MESSAGES;
}

function webStream(): ReadableStream<SseMessage> {
  return new ReadableStream({
    start(controller) {
      for (const message of MESSAGES) {
        controller.enqueue(message);
      }
      controller.close();
    },
  });
}

@Controller()
class ResultsController {
  @SseStream('pusher')
  pusher(@Pusher() pusher: SsePusher): void {
    for (const message of MESSAGES) {
      void pusher.push(message);
    }
    void pusher.close();
  }

  @SseStream('pusher-promise')
  async pusherPromise(@Pusher() pusher: SsePusher): Promise<void> {
    for (const message of MESSAGES) {
      await pusher.push(message);
    }
    await pusher.close();
  }

  @SseStream('pipe')
  async pipe(@Pusher() pusher: SsePusher): Promise<void> {
    await pusher.pipe([MESSAGES[0]!]);
    await pusher.pipe(of(MESSAGES[1]!), { end: true });
  }

  @SseStream('observable')
  observable(): Observable<SseMessage> {
    return of(...MESSAGES);
  }

  @SseStream('observable-later')
  observableLater(): Observable<SseMessage> {
    return concat(timer(1).pipe(map(() => MESSAGES[0]!)), of(MESSAGES[1]!));
  }

  @SseStream('observable-promise')
  async observablePromise(): Promise<Observable<SseMessage>> {
    return of(...MESSAGES);
  }

  @SseStream('async-generator')
  async *asyncGenerator() {
    yield* MESSAGES;
  }

  @SseStream('async-iterable-promise')
  async asyncIterablePromise(): Promise<AsyncIterable<SseMessage>> {
    return asyncMessages();
  }

  @SseStream('generator')
  *generator() {
    yield* MESSAGES;
  }

  @SseStream('array')
  array(): SseMessage[] {
    return MESSAGES;
  }

  @SseStream('set-promise')
  async setPromise(): Promise<Set<SseMessage>> {
    return new Set(MESSAGES);
  }

  @SseStream('web-stream')
  webStream(): ReadableStream<SseMessage> {
    return webStream();
  }

  @SseStream('web-stream-promise')
  async webStreamPromise(): Promise<ReadableStream<SseMessage>> {
    return webStream();
  }

  @SseStream('readable')
  readable(): Readable {
    return Readable.from(MESSAGES);
  }

  @SseStream('readable-promise')
  async readablePromise(): Promise<Readable> {
    return new Readable({
      objectMode: true,
      read() {
        for (const message of MESSAGES) {
          this.push(message);
        }
        this.push(null);
      },
    });
  }

  @SseStream('source-and-pusher')
  async *sourceAndPusher(@Pusher() pusher: SsePusher) {
    await pusher.push(MESSAGES[0]!);
    yield MESSAGES[1]!;
  }

  @SseStream('empty')
  empty(): SseMessage[] {
    return [];
  }

  @SseStream('nest')
  nest(): Observable<MessageEvent> {
    return of({ id: '1', type: 'tick', data: { n: 1 } }, { data: 'plain' });
  }
}

describe.each(PLATFORMS)('results of handlers on %s', (platform) => {
  let server: TestApp;

  beforeAll(async () => {
    server = await startApp(platform, { controllers: [ResultsController], sse: { retryMs: false } });
  });

  afterAll(() => server.close());

  it.each([
    '/pusher',
    '/pusher-promise',
    '/pipe',
    '/observable',
    '/observable-later',
    '/observable-promise',
    '/async-generator',
    '/async-iterable-promise',
    '/generator',
    '/array',
    '/set-promise',
    '/web-stream',
    '/web-stream-promise',
    '/readable',
    '/readable-promise',
    '/source-and-pusher',
    '/nest',
  ])('streams %s and ends', async (path) => {
    const { status, headers, text } = await readRaw(server.port, path);

    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(text).toBe(FRAMES);
  });

  it('opens and ends a stream of nothing', async () => {
    const { status, headers, text } = await readRaw(server.port, '/empty');

    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(text).toBe('');
  });
});
