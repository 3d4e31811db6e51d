import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { Subject } from 'rxjs';
import { SseOverflowError, type SsePusher, SseStream, type SseStreamOptions } from '../../lib/index.js';
import { eventually } from './support/eventually.js';
import { BLOCK, fill, isPending } from './support/fill.js';
import { HandedOver, reasonOf } from './support/handed-over.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { RawSocket } from './support/raw-socket.js';

describe.each(PLATFORMS)('a client that stops reading on %s', (platform) => {
  let app: TestApp;
  let client: RawSocket;

  afterEach(async () => {
    client.leave();
    await app.close();
  });

  /** A stream whose client has read the head and nothing since. */
  async function stalled(options?: SseStreamOptions): Promise<SsePusher> {
    const handedOver = new HandedOver(options);
    app = await startApp(platform, { controllers: [handedOver.controller] });
    client = (await RawSocket.connect(app.port)).get('/stream');
    const pusher = await handedOver.next();
    await client.untilText('retry: ');
    client.pause();
    return pusher;
  }

  it('makes push() wait until it reads on', async () => {
    const pusher = await stalled();
    const { waiting } = await fill(pusher);
    expect(pusher.state).toBe('open');
    client.resume();
    expect(await waiting).toBe(true);
  });

  it('gets everything that was accepted, in order, when it reads on', async () => {
    const pusher = await stalled();
    let sent = 0;
    const push = () => pusher.push({ event: `n${sent++}`, data: BLOCK });
    let waiting = push();
    while (!(await isPending(waiting))) {
      waiting = push();
    }
    const more = Array.from({ length: 20 }, push);
    client.resume();
    expect(await Promise.all([waiting, ...more])).not.toContain(false);
    await pusher.close();
    const text = await client.until((text) => text.endsWith('\r\n0\r\n\r\n'));
    const events = [...text.matchAll(/event: n(\d+)\n/g)].map(([, n]) => Number(n));
    expect(events).toEqual(Array.from({ length: sent }, (_, n) => n));
  });

  it('costs no more memory than maxBufferedBytes, beyond which push() rejects and the stream lives on', async () => {
    const maxBufferedBytes = 256 * 1024;
    const pusher = await stalled({ maxBufferedBytes });
    const { waiting } = await fill(pusher);
    const pushes = await Promise.allSettled(
      Array.from({ length: 4000 }, () => Promise.race([pusher.push(BLOCK), setImmediate('accepted')])),
    );
    const refused = pushes.filter((push) => push.status === 'rejected').map(({ reason }) => reason);
    const accepted = pushes.length - refused.length;
    expect(accepted * BLOCK.length).toBeLessThanOrEqual(maxBufferedBytes);
    expect(refused[0]).toBeInstanceOf(SseOverflowError);
    expect(refused[0]).toMatchObject({ code: 'SSE_OVERFLOW', maxBufferedBytes, messageBytes: BLOCK.length + 8 });
    expect(refused[0].bufferedBytes).toBeLessThanOrEqual(maxBufferedBytes);

    client.resume();
    await waiting;
    expect(await pusher.push('after the flood')).toBe(true);
    await client.untilText('data: after the flood\n\n');
  });

  it('ends the stream of an Observable, which cannot wait, as stalled', async () => {
    const pusher = await stalled({ maxBufferedBytes: 128 * 1024 });
    const source = new Subject<string>();
    const piped = pusher.pipe(source);
    const ended = reasonOf(pusher);
    for (let pushes = 0; source.observed; pushes++) {
      expect(pushes).toBeLessThan(5000);
      source.next(BLOCK);
      await setImmediate();
    }
    expect(await ended).toEqual({ reason: 'stalled' });
    await piped;
    client.resume();
    expect(await client.untilClosed()).not.toMatch(/\r\n0\r\n\r\n$/);
  });

  it('is not pinged, and is cut off after writeTimeoutMs', async () => {
    const pusher = await stalled({ writeTimeoutMs: 60, pingMs: 10 });
    const { waiting } = await fill(pusher);
    expect(await reasonOf(pusher)).toEqual({ reason: 'stalled' });
    expect(await waiting).toBe(false);
    client.resume();
    expect(await client.untilClosed()).not.toMatch(/\r\n0\r\n\r\n$/);
  });

  it('holds a generator back', async () => {
    let taken = 0;
    @Controller()
    class EndlessController {
      @SseStream('endless')
      async *endless() {
        for (;;) {
          taken++;
          yield BLOCK;
        }
      }
    }
    app = await startApp(platform, { controllers: [EndlessController] });
    const connected = once(app.app.getHttpServer(), 'connection');
    client = (await RawSocket.connect(app.port)).get('/endless');
    const [socket]: Socket[] = await connected;
    await client.untilText('data: ');
    client.pause();
    let seen = -1;
    while (seen !== taken) {
      seen = taken;
      await eventually(() => socket!.writableLength > 0);
      await isPending(new Promise(() => {}));
    }
    expect(socket!.writableLength).toBeLessThan(256 * 1024);
    client.resume();
    await eventually(() => taken > seen);
  });
});
