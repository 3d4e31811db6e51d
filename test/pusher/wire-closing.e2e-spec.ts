import { afterEach, describe, expect, it } from '@jest/globals';
import { type SsePusher, type SseStreamOptions, SseStreamRegistry } from '../../lib/index.js';
import { fill, isPending } from './support/fill.js';
import { HandedOver, reasonOf } from './support/handed-over.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { openRaw } from './support/raw-client.js';
import { RawSocket } from './support/raw-socket.js';

describe.each(PLATFORMS)('the end of a stream on %s', (platform) => {
  let app: TestApp;
  let handedOver: HandedOver;

  afterEach(() => app.close());

  async function start(options?: SseStreamOptions): Promise<void> {
    handedOver = new HandedOver({ retryMs: false, ...options });
    app = await startApp(platform, { controllers: [handedOver.controller] });
  }

  async function openStream(options?: SseStreamOptions) {
    await start(options);
    const stream = await openRaw(app.port, '/stream');
    return { stream, pusher: await handedOver.next() };
  }

  it('is the same however often close() is called', async () => {
    const { stream, pusher } = await openStream({ closeMessage: { event: 'bye' } });
    void pusher.push('last words');
    await Promise.all([pusher.close(), pusher.close()]);
    await pusher.close();
    expect(await stream.untilEnd()).toBe('data: last words\n\nevent: bye\ndata:\n\n');
    expect(pusher.state).toBe('closed');
    expect(pusher.signal.reason).toEqual({ reason: 'ended' });
    expect(app.app.get(SseStreamRegistry).closedCounts()).toEqual(new Map([['ended', 1]]));
  });

  it('lets push() answer false, and sends nothing more', async () => {
    const { stream, pusher } = await openStream();
    const closed = pusher.close();
    expect(await pusher.push('too late')).toBe(false);
    await closed;
    expect(await pusher.comment('much too late')).toBe(false);
    expect(await pusher.push({ id: 'even\nnonsense' })).toBe(false);
    await pusher.pipe(['from', 'a', 'source']);
    expect(await stream.untilEnd()).toBe('');
  });

  it('comes for a stream that has never opened as an empty one', async () => {
    await start({ openAfterMs: 'first-message' });
    const opening = openRaw(app.port, '/stream');
    const pusher = await handedOver.next();
    expect(pusher.state).toBe('pending');
    await pusher.close();
    const stream = await opening;
    expect(stream.status).toBe(200);
    expect(await stream.untilEnd()).toBe('');
  });

  it('is waited for by close() until the client has taken everything', async () => {
    await start();
    const client = (await RawSocket.connect(app.port)).get('/stream');
    const pusher = await handedOver.next();
    await pusher.push('head');
    await client.untilText('data: head');
    client.pause();
    const { waiting, accepted } = await fill(pusher);
    const closed = pusher.close();
    expect(await waiting).toBe(false);
    expect(await isPending(closed)).toBe(true);
    expect(pusher.state).toBe('closed');
    client.resume();
    await closed;
    const text = await client.until((text) => text.endsWith('\r\n0\r\n\r\n'));
    expect(text.split('data: xxx')).toHaveLength(accepted + 1);
    client.leave();
  });

  it('comes after maxAgeMs, in good order', async () => {
    const { stream, pusher } = await openStream({ maxAgeMs: 40, closeMessage: 'come back' });
    await pusher.push('young');
    expect(await reasonOf(pusher)).toEqual({ reason: 'max-age' });
    expect(await stream.untilEnd()).toBe('data: young\n\ndata: come back\n\n');
  });

  it("leaves the connection to the client's next request", async () => {
    await start();
    const client = (await RawSocket.connect(app.port)).get('/stream');
    await (await handedOver.next()).close();
    await client.untilText('\r\n0\r\n\r\n');
    client.get('/stream');
    const second: SsePusher = await handedOver.next();
    await second.push('over the same connection');
    await client.untilText('over the same connection');
    client.leave();
  });

  it("carries a terminal id with onEnd 'stop', and 204 is all that the client gets from then on", async () => {
    const { stream, pusher } = await openStream({ onEnd: 'stop', closeMessage: { event: 'done', data: { total: 3 } } });
    await pusher.close();
    const [, id] = /^id: (.+)\nevent: done\ndata: {"total":3}\n\n$/.exec(await stream.untilEnd()) ?? [];
    const again = await openRaw(app.port, '/stream', { headers: { 'Last-Event-ID': id! } });
    expect(again.status).toBe(204);
    expect(await again.untilEnd()).toBe('');
    const other = await openRaw(app.port, '/stream', { headers: { 'Last-Event-ID': '7' } });
    expect(other.status).toBe(200);
    other.leave();
  });
});
