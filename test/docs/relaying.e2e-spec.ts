import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS, startApp, startBareApp, type TestApp } from '../pusher/support/platforms.js';
import { openRaw, type RawStream } from '../pusher/support/raw-client.js';
import { answer, ScriptedServer, stream, streamAndEnd } from '../receiver/support/scripted-server.js';
import { frame } from '../sources/support/source-app.js';
import { AnswersController } from './examples/answers.controller.js';
import { NewsModule } from './examples/news.module.js';
import { TickerController } from './examples/ticker.controller.js';

function withoutRetry(text: string): string {
  return text.replace(/^retry: \d+\n\n/, '');
}

describe.each(PLATFORMS)('examples of the docs on relaying, on %s', (platform) => {
  let upstream: ScriptedServer;
  let app: TestApp;

  beforeEach(async () => {
    upstream = await ScriptedServer.start();
  });

  afterEach(async () => {
    await app.close();
    await upstream.close();
  });

  it('returns a subscription: ids go through both ways, and the other server is left with the client', async () => {
    process.env['TICKER_URL'] = upstream.origin;
    app = await startApp(platform, { controllers: [TickerController] });
    upstream.script(stream(frame(8, 'tick', '1.25'), 'data: no name\n\n'));
    const client = await openRaw(app.port, '/ticker/A%2FB', { headers: { 'Last-Event-ID': '7' } });
    await client.untilText('data: no name\n\n');
    expect(withoutRetry(client.text)).toBe('id: 8\nevent: tick\ndata: 1.25\n\nevent: message\ndata: no name\n\n');
    expect(upstream.requests[0]).toMatchObject({ url: '/A%2FB', headers: { 'last-event-id': '7' } });
    client.leave();
    await upstream.deserted();
  });

  it('pipes a subscription into a channel: one connection for all, and ids of the channel', async () => {
    process.env['NEWS_URL'] = upstream.url;
    upstream.script(stream(frame(1, 'flash', 'a'), frame(2, 'flash', 'b')));
    app = await startBareApp(platform, { imports: [NewsModule] });
    const clients = await Promise.all([openRaw(app.port, '/news'), openRaw(app.port, '/news')]);
    for (const client of clients) {
      await client.untilText('data: b\n\n');
      expect(client.text).toMatch(/id: \w+-\d+\nevent: flash\ndata: a\n\nid: \w+-\d+\nevent: flash\ndata: b\n\n$/);
      client.leave();
    }
    expect(upstream.requests).toHaveLength(1);
  });

  describe('a model that answers', () => {
    const headers = { 'Content-Type': 'application/json' };

    beforeEach(async () => {
      process.env['MODEL_URL'] = upstream.url;
      process.env['MODEL_KEY'] = 'key';
      app = await startApp(platform, { controllers: [AnswersController] });
    });

    const ask = (): Promise<RawStream> =>
      openRaw(app.port, '/answers', { method: 'POST', headers, body: '{"prompt":"why?"}' });

    it('has its tokens passed on, and asked once', async () => {
      upstream.script(streamAndEnd('event: token\ndata: Be\n\n', 'event: token\ndata: cause\n\n', 'data: [DONE]\n\n'));
      const client = await ask();
      expect(withoutRetry(await client.untilEnd())).toBe(
        'event: token\ndata: Be\n\nevent: token\ndata: cause\n\nid: ~end\n\n',
      );
      expect(upstream.requests).toHaveLength(1);
      expect(upstream.requests[0]).toMatchObject({ method: 'POST', headers: { authorization: 'Bearer key' } });
      expect(await upstream.requests[0]?.body).toBe('{"prompt":"why?","stream":true}');
    });

    it.each([
      [429, 429],
      [500, 502],
      [401, 502],
    ])('and is asked in vain with %i gives a real %i', async (status, given) => {
      upstream.script(answer(status));
      const client = await ask();
      expect(client.status).toBe(given);
      await client.untilEnd();
      expect(client.json.message).toBe('The model does not answer');
      expect(upstream.requests).toHaveLength(1);
    });

    it('is left when the client leaves, before the first token and after it', async () => {
      upstream.script(stream());
      const early = ask().catch(() => {});
      await eventually(() => upstream.requests.length === 1);
      await app.app.getHttpServer().closeAllConnections();
      await upstream.deserted();
      await early;

      upstream.script(stream('event: token\ndata: Be\n\n'));
      const client = await ask();
      await client.untilText('data: Be\n\n');
      client.leave();
      await upstream.deserted();
    });
  });
});
