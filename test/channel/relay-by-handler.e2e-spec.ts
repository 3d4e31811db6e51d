import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { Pusher, type SseMessage, type SsePusher, SseReceiverService, SseStream } from '../../lib/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { isPending } from '../pusher/support/fill.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';
import { RawSocket } from '../pusher/support/raw-socket.js';
import { ScriptedServer, stream, streamAndEnd } from '../receiver/support/scripted-server.js';
import { dataOf, eventsOf } from './support/channel-app.js';

const FRAME = `data: ${'x'.repeat(16_000)}\n\n`;
/** Two connections over the loopback interface, with room to spare. */
const WHAT_SOCKETS_HOLD = 128 * 1024 * 1024;

describe.each(PLATFORMS)('a token stream of another server that a handler relays on %s', (platform) => {
  let upstream: ScriptedServer;
  let receiver: SseReceiverService;
  let app: TestApp;

  beforeEach(async () => {
    upstream = await ScriptedServer.start();
    receiver = new SseReceiverService();
    const ask = () => receiver.subscribe(upstream.url, { method: 'POST', body: '{"prompt":"hello"}' });

    @Controller()
    class RelayController {
      @SseStream('piped')
      piped(@Pusher() pusher: SsePusher): void {
        void pusher.pipe(ask(), { end: true });
      }

      @SseStream('returned')
      returned(): AsyncIterable<SseMessage> {
        return ask();
      }
    }

    app = await startApp(platform, { controllers: [RelayController], sse: { retryMs: false, pingMs: 0 } });
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await app.close();
    await upstream.close();
  });

  /** Writes without end, as fast as the socket takes it. */
  async function writeOn(response: ServerResponse, onWritten: () => void): Promise<void> {
    while (!response.destroyed) {
      onWritten();
      if (!response.write(FRAME)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
  }

  describe.each(['piped', 'returned'])('as %s', (how) => {
    it('gives its tokens, ids and the end to the client', async () => {
      upstream.script(streamAndEnd('id: 1\nevent: token\ndata: Hel\n\n', 'data: lo\n\n', 'data: [DONE]\n\n'));
      const client = await openRaw(app.port, `/${how}`);
      const text = await client.untilEnd();
      expect(dataOf({ text })).toEqual(['Hel', 'lo', '[DONE]']);
      expect(text).toContain('id: 1\n');
      expect(eventsOf({ text })[0]).toBe('token');
      expect(upstream.requests).toHaveLength(1);
      expect(upstream.requests[0]?.method).toBe('POST');
      expect(await upstream.requests[0]?.body).toBe('{"prompt":"hello"}');
    });

    it('is aborted when the client leaves, and not asked for again', async () => {
      upstream.script(stream('data: Hel\n\n'));
      const client = await openRaw(app.port, `/${how}`);
      await client.untilText('data: Hel\n');
      const response = await upstream.response(1);
      const aborted = new Promise((resolve) => response.once('close', resolve));
      client.leave();
      await aborted;
      await upstream.deserted();
      expect(response.writableEnded).toBe(false);
      expect(upstream.requests).toHaveLength(1);
    });

    it('is held up, down to its socket, by a client that reads slowly', async () => {
      upstream.script(stream('data: first\n\n'));
      const client = (await RawSocket.connect(app.port)).get(`/${how}`);
      await client.untilText('data: first');
      client.pause();
      const response = await upstream.response(1);
      let written = 0;
      const writing = writeOn(response, () => written++);
      let still = 0;
      for (let before = -1; still < 200; before = written) {
        await isPending(new Promise(() => {}));
        still = before === written && response.writableNeedDrain ? still + 1 : 0;
      }
      const heldUpAt = written;
      expect(heldUpAt * FRAME.length).toBeLessThan(WHAT_SOCKETS_HOLD);
      client.resume();
      await eventually(() => written > heldUpAt + 100);
      client.leave();
      await writing;
    });
  });
});
