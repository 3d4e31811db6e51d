import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { SseStreamOptions } from '../../lib/index.js';
import { chunksOf } from './support/chunks.js';
import { HandedOver } from './support/handed-over.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { RawSocket } from './support/raw-socket.js';

describe.each(PLATFORMS)('what a stream writes on %s', (platform) => {
  let app: TestApp;
  let client: RawSocket;

  afterEach(async () => {
    client.leave();
    await app.close();
  });

  async function start(options?: SseStreamOptions) {
    const handedOver = new HandedOver(options);
    app = await startApp(platform, { controllers: [handedOver.controller] });
    client = (await RawSocket.connect(app.port)).get('/stream');
    const pusher = await handedOver.next();
    return pusher;
  }

  it('joins the pushes of one turn of the event loop into one chunk', async () => {
    const pusher = await start();
    await client.untilText('retry: ');
    void pusher.push('one');
    void pusher.comment('two');
    void pusher.push({ id: '3', data: { n: 3 } });
    await client.untilText('"n":3');
    await setImmediate();
    await pusher.push('four');
    await client.untilText('data: four\n\n\r\n');
    expect(chunksOf(client.text).slice(1)).toEqual([
      'data: one\n\n: two\n\nid: 3\ndata: {"n":3}\n\n',
      'data: four\n\n',
    ]);
  });

  it('sends what is pushed at once together with the reconnect delay', async () => {
    const pusher = await start({ openAfterMs: 'first-message' });
    expect(pusher.state).toBe('pending');
    void pusher.push('first');
    expect(pusher.state).toBe('open');
    await client.untilText('data: first\n\n\r\n');
    expect(chunksOf(client.text)).toEqual([expect.stringMatching(/^retry: \d+\n\ndata: first\n\n$/)]);
  });

  it('cuts what is pushed in one turn into writes of at most 64 KiB', async () => {
    const pusher = await start({ maxBufferedBytes: 8 * 1024 * 1024 });
    await client.untilText('retry: ');
    for (let n = 0; n < 100; n++) {
      void pusher.push({ event: `n${n}`, data: 'x'.repeat(10_000) });
    }
    await pusher.close();
    await client.untilText('\r\n0\r\n\r\n');
    const chunks = chunksOf(client.text);
    const events = [...chunks.join('').matchAll(/^event: n(\d+)$/gm)].map(([, n]) => Number(n));
    expect(events).toEqual(Array.from({ length: 100 }, (_, n) => n));
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(65_536);
    expect(chunks.length).toBeLessThan(30);
  });

  it('sends a message that is larger than any write in one piece', async () => {
    const pusher = await start();
    const data = 'y'.repeat(900_000);
    expect(await pusher.push(data)).toBe(true);
    await client.untilText(`data: ${data}\n\n`);
  });

  it('pings after silence, and again after the next', async () => {
    await start({ pingMs: 30, ping: { comment: 'still here' } });
    const twice = await client.until((text) => text.split(': still here\n\n').length > 2);
    expect(chunksOf(twice).slice(1, 3)).toEqual([': still here\n\n', ': still here\n\n']);
  });
});
