import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { EventSource } from 'eventsource';
import { createEventSource } from 'eventsource-client';
// @ts-expect-error It comes without types.
import LaunchDarkly from 'launchdarkly-eventsource';
import supertest from 'supertest';
import { LastEventId, type SseMessage, SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';

/** Two messages per connection, from where the client is; its clients come back after 100 ms at the latest. */
@Controller()
class CountController {
  readonly resumed: (string | undefined)[] = [];

  @SseStream('count', { retryMs: 60, closeMessage: { comment: 'end of this connection' } })
  *count(@LastEventId() lastEventId?: string): Generator<SseMessage> {
    this.resumed.push(lastEventId);
    const first = Number(lastEventId ?? 0) + 1;
    for (const n of [first, first + 1]) {
      yield { id: String(n), event: 'count', data: { n, text: 'zwei\nZeilen – 🚀' } };
    }
  }

  @SseStream('once', { retryMs: 60, onEnd: 'stop' })
  *once(@LastEventId() lastEventId?: string): Generator<SseMessage> {
    this.resumed.push(lastEventId);
    yield { event: 'done', data: 'all there is' };
  }
}

const DATA = [1, 2, 3, 4, 5].map((n) => ({ n, text: 'zwei\nZeilen – 🚀' }));

describe.each(PLATFORMS)("other people's clients on %s", (platform) => {
  let app: TestApp;
  let controller: CountController;

  afterEach(() => app.close());

  async function start(): Promise<string> {
    app = await startApp(platform, { controllers: [CountController] });
    controller = app.app.get(CountController);
    return `http://127.0.0.1:${app.port}`;
  }

  it('curl -N', async () => {
    const origin = await start();
    const curl = spawn('curl', ['-N', '-s', '-i', '-H', 'Last-Event-ID: 7', `${origin}/count`]);
    let output = '';
    curl.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    const [code] = await once(curl, 'close');
    expect(code).toBe(0);
    expect(output).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(output).toMatch(/\r\ncontent-type: text\/event-stream; charset=utf-8\r\n/i);
    const text = JSON.stringify({ n: 8, text: 'zwei\nZeilen – 🚀' });
    expect(output).toContain(`\n\nid: 8\nevent: count\ndata: ${text}\n\nid: 9\n`);
    expect(output).toMatch(/\n\n: end of this connection\n\n$/);
  });

  it('eventsource', async () => {
    const source = new EventSource(`${await start()}/count`);
    const seen: unknown[] = [];
    const ids: string[] = [];
    await new Promise<void>((resolve) => {
      source.addEventListener('count', (event) => {
        seen.push(JSON.parse(event.data));
        ids.push(event.lastEventId);
        if (seen.length === DATA.length) {
          source.close();
          resolve();
        }
      });
    });
    expect(seen).toEqual(DATA);
    expect(ids).toEqual(['1', '2', '3', '4', '5']);
    expect(controller.resumed).toEqual([undefined, '2', '4']);
  });

  it('eventsource, which stops after a stream that has ended for good', async () => {
    const source = new EventSource(`${await start()}/once`);
    const seen: string[] = [];
    source.addEventListener('done', ({ data }) => seen.push(data));
    await new Promise<void>((resolve) => {
      source.addEventListener('error', () => source.readyState === EventSource.CLOSED && resolve());
    });
    expect(seen).toEqual(['all there is']);
    expect(controller.resumed).toEqual([undefined]);
  });

  it('eventsource-client', async () => {
    const client = createEventSource({ url: `${await start()}/count` });
    const seen: unknown[] = [];
    for await (const { event, data, id } of client) {
      expect(event).toBe('count');
      expect(id).toBe(String(seen.length + 1));
      seen.push(JSON.parse(data));
      if (seen.length === DATA.length) {
        break;
      }
    }
    client.close();
    expect(seen).toEqual(DATA);
    expect(controller.resumed).toEqual([undefined, '2', '4']);
  });

  it('launchdarkly-eventsource', async () => {
    const source = new LaunchDarkly.EventSource(`${await start()}/count`, { initialRetryDelayMillis: 1 });
    const seen: unknown[] = [];
    await new Promise<void>((resolve) => {
      source.addEventListener('count', (event: { data: string }) => {
        seen.push(JSON.parse(event.data));
        if (seen.length === DATA.length) {
          source.close();
          resolve();
        }
      });
      source.onerror = () => {};
    });
    // After close() it still dispatches what has come in the same chunk.
    expect(seen.slice(0, DATA.length)).toEqual(DATA);
    expect(controller.resumed).toEqual([undefined, '2', '4']);
  });

  it('supertest', async () => {
    await start();
    const response = await supertest(app.app.getHttpServer())
      .get('/count')
      .set('Last-Event-ID', '1')
      .buffer(true)
      .parse((incoming, done) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => {
          text += chunk;
          if (text.includes('id: 3')) {
            done(null, text);
            (incoming as unknown as { destroy(): void }).destroy();
          }
        });
      })
      .expect(200)
      .expect('Content-Type', 'text/event-stream; charset=utf-8');
    expect(response.body).toContain('id: 2\nevent: count\n');
  });
});
