import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, type Provider } from '@nestjs/common';
import { SseChannels, type SseModuleOptions, SseStream, type SseSubscribeOptions } from 'nestjs-event-stream';
import { HandedOver } from '../pusher/support/handed-over.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { openRaw, readRaw } from '../pusher/support/raw-client.js';
import { RawSocket } from '../pusher/support/raw-socket.js';
import { ShutdownGate } from '../pusher/support/shutdown-gate.js';
import { blocksIn } from './support/pages.js';

const WIRE = 'docs/reference/wire.md';
const CHANNELS = 'docs/reference/wire-of-channels.md';

/** What is another one each time is given one name. */
function steady(text: string): string {
  return text.replace(/^retry: \d+$/gm, 'retry: N').replace(/\b[0-9a-f]{12}-/g, 'log-');
}

function lines(head: string): string[] {
  return head.trim().split(/\r?\n/).sort();
}

describe.each(PLATFORMS)('the wire, as the reference shows it, on %s', (platform) => {
  let app: TestApp;

  afterEach(() => app.close());

  async function start(sse: SseModuleOptions = {}, providers: Provider[] = []): Promise<HandedOver> {
    const handedOver = new HandedOver();
    app = await startApp(platform, { sse, controllers: [handedOver.controller], providers });
    return handedOver;
  }

  async function startChannel(options: SseSubscribeOptions, sse: SseModuleOptions = {}): Promise<SseChannels> {
    @Controller()
    class OrdersController {
      constructor(private readonly channels: SseChannels) {}

      @SseStream('stream')
      follow() {
        return this.channels.subscribe('orders', options);
      }
    }
    app = await startApp(platform, { sse, controllers: [OrdersController] });
    return app.app.get(SseChannels);
  }

  it('has this head, and nothing but the date and what the platform adds', async () => {
    await start();
    const client = (await RawSocket.connect(app.port)).get('/stream');
    const text = await client.untilText('retry: ');
    const head = lines(text.split('\r\n\r\n')[0]!).filter((line) => !/^(date|x-powered-by): /i.test(line));
    const [shown] = blocksIn(WIRE, 'Head', 'http');
    expect(head).toEqual(lines(shown!));
    client.leave();
  });

  it('has these messages', async () => {
    const handedOver = await start();
    const stream = await openRaw(app.port, '/stream');
    const pusher = await handedOver.next();
    void pusher.push('hello');
    void pusher.push({ id: '7', event: 'paid', data: { amount: 20 } });
    void pusher.push('two\r\nlines');
    void pusher.push({ event: 'cleared' });
    void pusher.push({ comment: 'a note' });
    await pusher.close();
    expect([steady(await stream.untilEnd())]).toEqual(blocksIn(WIRE, 'Messages', 'sse').map(steady));
  });

  it('has these pings', async () => {
    await start({ pingMs: 20, retryMs: false });
    const stream = await openRaw(app.port, '/stream');
    const [ping] = blocksIn(WIRE, 'Pings', 'sse');
    expect(await stream.until((text) => text.length >= ping!.length)).toBe(ping);
    stream.leave();
  });

  it('has these ends', async () => {
    const [stopped, shutdown] = blocksIn(WIRE, 'Ends', 'sse');
    const handedOver = await start({ onEnd: 'stop', closeMessage: { event: 'bye' }, retryMs: false });
    const stream = await openRaw(app.port, '/stream');
    await (await handedOver.next()).close();
    expect(await stream.untilEnd()).toBe(stopped);
    const again = await readRaw(app.port, '/stream', { headers: { 'Last-Event-ID': '~end' } });
    expect([again.status, again.text]).toEqual([204, '']);
    await app.close();

    await start({ retryMs: false });
    const interrupted = await openRaw(app.port, '/stream');
    await app.close();
    expect(steady(await interrupted.untilEnd())).toBe(steady(shutdown!));
  });

  it.each(['reconnect', 'status'] as const)('has these refusals while it closes, with %s', async (refuseWith) => {
    await start({ shutdown: { refuseWith } }, [ShutdownGate]);
    const gate = app.app.get(ShutdownGate);
    const closing = app.close();
    await gate.reached;
    const refused = await readRaw(app.port, '/stream');
    const [reconnect] = blocksIn(WIRE, 'Refusals', 'sse');
    const [status] = blocksIn(WIRE, 'Refusals', 'json');
    if (refuseWith === 'reconnect') {
      expect([refused.status, steady(refused.text)]).toEqual([200, steady(reconnect!)]);
      expect(refused.headers).toMatchObject({
        connection: 'close',
        'content-type': 'text/event-stream; charset=utf-8',
      });
    } else {
      expect([refused.status, `${refused.text}\n`]).toEqual([503, status]);
      expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    }
    gate.open();
    await closing;
  });

  it('has this refusal for who wants something else', async () => {
    await start({ requireAccept: true });
    const refused = await readRaw(app.port, '/stream', { headers: { Accept: 'text/html' } });
    expect([refused.status, `${refused.text}\n`]).toEqual([406, blocksIn(WIRE, 'Refusals', 'json')[1]]);
  });

  it('has these positions', async () => {
    const [withPing, asEvent] = blocksIn(CHANNELS, 'Positions', 'sse').map(steady);
    const channels = await startChannel({ filter: ['paid'] }, { pingMs: 100 });
    const stream = await openRaw(app.port, '/stream');
    await channels.publish('orders', { event: 'paid', data: { amount: 20 } });
    await channels.publish('orders', { event: 'viewed', data: {} });
    await stream.until((text) => text.length >= withPing!.length && text.includes('-2\n'));
    // Pings that came before the second message, if the machine was slow, have no id.
    expect(steady(stream.text).replaceAll('\n\n: ping\n\n', '\n\n')).toBe(withPing);
    await app.close();

    await startChannel({ positionEvent: 'position' }, { retryMs: false });
    const events = await openRaw(app.port, '/stream');
    expect(steady(await events.untilText('data: '))).toBe(asEvent);
  });

  it('has these snapshots', async () => {
    await startChannel({ snapshot: () => ({ event: 'cart', data: { tea: 2 } }) });
    const stream = await openRaw(app.port, '/stream');
    expect([steady(await stream.untilText('\nid: '))]).toEqual(blocksIn(CHANNELS, 'Snapshots', 'sse').map(steady));
  });

  it('has these gaps', async () => {
    const channels = await startChannel({});
    await channels.publish('orders', { event: 'paid', data: { amount: 20 } });
    const stream = await openRaw(app.port, '/stream', { headers: { 'Last-Event-ID': '5d1e20c07a11-41' } });
    expect([steady(await stream.untilText('event: paid'))]).toEqual(blocksIn(CHANNELS, 'Gaps', 'sse').map(steady));
  });
});
