import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { LastEventId, Pusher, SsePusher, SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

let calls = 0;

@Controller()
class EndingController {
  @SseStream('reconnect')
  *reconnect() {
    yield { id: '1', data: 'one' };
  }

  @SseStream('stop', { onEnd: 'stop' })
  *stop(@LastEventId() lastEventId = 'none') {
    calls++;
    yield { id: '1', data: lastEventId };
  }

  @SseStream('stop-by-close', { onEnd: 'stop' })
  async stopByClose(@Pusher() pusher: SsePusher): Promise<void> {
    await pusher.close();
  }

  @SseStream('stop-with-message', { onEnd: 'stop', closeMessage: { event: 'done', data: { total: 1 } } })
  *stopWithMessage() {
    yield 'one';
  }

  @SseStream('closing', { closeMessage: { event: 'done', id: '9' } })
  *closing() {
    yield 'one';
  }

  @SseStream('closing-text', { closeMessage: 'bye' })
  async closingText(@Pusher() pusher: SsePusher): Promise<void> {
    pusher.open();
    await pusher.close();
  }

  @SseStream('fails', { onEnd: 'stop', closeMessage: 'bye' })
  async *fails() {
    yield 'one';
    throw new Error('afterwards');
  }
}

describe.each(PLATFORMS)('ends on %s', (platform) => {
  let server: TestApp;

  beforeAll(async () => {
    server = await startApp(platform, { controllers: [EndingController], sse: { retryMs: false } });
  });

  afterAll(() => server.close());

  it('let a client reconnect that comes back with the last id, by default', async () => {
    const first = await readRaw(server.port, '/reconnect');
    const second = await readRaw(server.port, '/reconnect', { headers: { 'last-event-id': '1' } });

    expect(first.text).toBe('id: 1\ndata: one\n\n');
    expect([second.status, second.text]).toEqual([200, first.text]);
  });

  it.each(['/stop', '/stop-by-close', '/stop-with-message'])(
    'with onEnd stop, give %s a terminal id that is answered with 204',
    async (path) => {
      const first = await readRaw(server.port, path);
      const [lastId] = [...first.text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id!).slice(-1);
      calls = 0;
      const second = await readRaw(server.port, path, { headers: { 'last-event-id': lastId! } });

      expect(first.status).toBe(200);
      expect([second.status, second.text]).toEqual([204, '']);
      expect(second.headers['content-type']).toBeUndefined();
      expect(calls).toBe(0);
    },
  );

  it('with onEnd stop, send the terminal id last, and alone if there is no closing message', async () => {
    expect((await readRaw(server.port, '/stop')).text).toBe('id: 1\ndata: none\n\nid: ~end\n\n');
    expect((await readRaw(server.port, '/stop-with-message')).text).toBe(
      'data: one\n\nid: ~end\nevent: done\ndata: {"total":1}\n\n',
    );
  });

  it('with onEnd stop, resume a client that comes back with any other id', async () => {
    const { status, text } = await readRaw(server.port, '/stop', { headers: { 'last-event-id': '7' } });

    expect(status).toBe(200);
    expect(text).toContain('data: 7\n');
  });

  it('take a terminal id for any id where onEnd is not stop', async () => {
    const { status, text } = await readRaw(server.port, '/reconnect', { headers: { 'last-event-id': '~end' } });

    expect([status, text]).toEqual([200, 'id: 1\ndata: one\n\n']);
  });

  it('are preceded by the closing message', async () => {
    expect((await readRaw(server.port, '/closing')).text).toBe('data: one\n\nid: 9\nevent: done\ndata:\n\n');
    expect((await readRaw(server.port, '/closing-text')).text).toBe('data: bye\n\n');
  });

  it('are neither told to a client whose stream failed, nor final', async () => {
    expect((await readRaw(server.port, '/fails')).text).toBe('data: one\n\n');
  });
});
