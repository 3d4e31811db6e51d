import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import compression from 'compression';
import type { SsePusher, SseStreamOptions } from '../../lib/index.js';
import { fill } from './support/fill.js';
import { HandedOver } from './support/handed-over.js';
import { startApp, type TestApp } from './support/platforms.js';

const MAY_BE_COMPRESSED: SseStreamOptions = { headers: { 'Cache-Control': 'no-cache' } };

describe('compression middleware on express', () => {
  let app: TestApp;
  let response: IncomingMessage;
  let pusher: SsePusher;

  afterEach(async () => {
    response.destroy();
    await app.close();
  });

  async function openStream(options?: SseStreamOptions): Promise<void> {
    const handedOver = new HandedOver({ retryMs: false, ...options });
    app = await startApp('express', {
      controllers: [handedOver.controller],
      configure: (nest) => nest.use(compression({ threshold: 0 })),
    });
    const headers = { 'Accept-Encoding': 'gzip' };
    [response] = await once(get({ host: '127.0.0.1', port: app.port, path: '/stream', headers }), 'response');
    pusher = await handedOver.next();
  }

  it('leaves a stream alone, for it says that it shall not be transformed', async () => {
    await openStream();
    expect(response.headers).not.toHaveProperty('content-encoding');
    await pusher.push('plain');
    const [chunk] = await once(response.setEncoding('utf8'), 'data');
    expect(chunk).toBe('data: plain\n\n');
  });

  it('holds back no event of a stream that may be compressed', async () => {
    await openStream(MAY_BE_COMPRESSED);
    expect(response.headers).toMatchObject({ 'content-encoding': 'gzip' });
    const lines = createInterface(response.pipe(createGunzip()))[Symbol.asyncIterator]();
    for (const event of ['first', 'second', 'third']) {
      await pusher.push(event);
      expect([(await lines.next()).value, (await lines.next()).value]).toEqual([`data: ${event}`, '']);
    }
    await pusher.close();
    expect((await lines.next()).done).toBe(true);
  });

  it('loses nothing for a client that reads later', async () => {
    await openStream(MAY_BE_COMPRESSED);
    const { waiting, accepted } = await fill(pusher, () => randomBytes(16_000).toString('base64'));
    const closed = pusher.close();
    expect(await waiting).toBe(false);
    let events = 0;
    for await (const line of createInterface(response.pipe(createGunzip()))) {
      events += line === '' ? 1 : 0;
    }
    await closed;
    expect(events).toBe(accepted);
  });

  it('does not keep a stalled client alive', async () => {
    await openStream({ ...MAY_BE_COMPRESSED, writeTimeoutMs: 60 });
    while (await pusher.push(randomBytes(16_000).toString('base64'))) {
      // Goes on until the client takes nothing any more.
    }
    expect(pusher.signal.reason).toEqual({ reason: 'stalled' });
  });
});
