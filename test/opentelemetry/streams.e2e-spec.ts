import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Req, Res } from '@nestjs/common';
import {
  Pusher,
  SseChannels,
  SsePusher,
  SsePusherFactory,
  SseStream,
  type SseStreamInfo,
  SseStreamRegistry,
} from '../../lib/index.js';
import { SseOpenTelemetryModule, type SseOpenTelemetryOptions } from '../../lib/opentelemetry/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';
import { TelemetrySdk } from './support/telemetry-sdk.js';

@Controller()
class StreamsController {
  readonly pushers: SsePusher[] = [];

  constructor(
    readonly channels: SseChannels,
    readonly factory: SsePusherFactory,
  ) {}

  @SseStream('pushed')
  pushed(@Pusher() pusher: SsePusher): void {
    pusher.open();
    this.pushers.push(pusher);
  }

  @SseStream('news')
  news() {
    return this.channels.subscribe('order:7');
  }

  @Get('made/:id')
  made(@Req() request: unknown, @Res() response: unknown): void {
    this.factory.create(request, response).open();
  }
}

const ROUTE = { 'sse.route': 'StreamsController.pushed' };

describe.each(PLATFORMS)('metrics of streams on %s', (platform) => {
  let sdk: TelemetrySdk;
  let app: TestApp;
  let controller: StreamsController;
  let channels: SseChannels;

  beforeEach(() => {
    sdk = TelemetrySdk.start();
  });

  afterEach(async () => {
    await app.close();
    await sdk.stop();
  });

  async function start(options?: SseOpenTelemetryOptions, sse = {}): Promise<void> {
    app = await startApp(platform, {
      imports: [SseOpenTelemetryModule.forRoot(options)],
      controllers: [StreamsController],
      sse: { retryMs: false, ...sse },
    });
    controller = app.app.get(StreamsController);
    channels = app.app.get(SseChannels);
  }

  it('count those that are open by route, and those that have ended by reason, with how long they were open', async () => {
    await start();
    const streams = await Promise.all([openRaw(app.port, '/pushed'), openRaw(app.port, '/pushed')]);
    expect(await sdk.sum('sse.server.active_streams', ROUTE)).toBe(2);
    expect(await sdk.sum('sse.server.opened_streams', ROUTE)).toBe(2);
    expect(await sdk.points('sse.server.stream.duration')).toEqual([]);
    await controller.pushers[0]!.close();
    expect(await sdk.sum('sse.server.active_streams', ROUTE)).toBe(1);
    const ended = { ...ROUTE, 'sse.close.reason': 'ended' };
    expect(await sdk.sum('sse.server.closed_streams', ended)).toBe(1);
    expect(await sdk.sum('sse.server.stream.duration', ended)).toBe(1);
    for (const stream of streams) stream.leave();
    await eventually(() => app.app.get(SseStreamRegistry).count === 0);
    expect(await sdk.sum('sse.server.closed_streams', { 'sse.close.reason': 'client' })).toBe(1);
    expect(await sdk.sum('sse.server.active_streams', ROUTE)).toBe(0);
  });

  it('count the requests that got none, by route and reason', async () => {
    await start({}, { limits: { maxStreams: 1 } });
    const stream = await openRaw(app.port, '/pushed');
    await (await openRaw(app.port, '/pushed')).untilEnd();
    expect(await sdk.sum('sse.server.refused_streams', { ...ROUTE, 'sse.refusal.reason': 'max-streams' })).toBe(1);
    expect(await sdk.sum('sse.server.opened_streams')).toBe(1);
    stream.leave();
  });

  it('have no path as the route of a stream without a decorator, unless they are given one', async () => {
    await start();
    const stream = await openRaw(app.port, '/made/4711');
    expect(await sdk.sum('sse.server.active_streams', { 'sse.route': '_OTHER' })).toBe(1);
    stream.leave();
  });

  it('have the routes that a function gives, and none from one that throws', async () => {
    const route = ({ streamId }: SseStreamInfo) => {
      if (streamId === 2) throw new Error('not this one');
      return 'made';
    };
    await start({ route });
    const streams = [await openRaw(app.port, '/made/1'), await openRaw(app.port, '/made/2')];
    expect(await sdk.sum('sse.server.active_streams', { 'sse.route': 'made' })).toBe(1);
    expect(await sdk.sum('sse.server.active_streams', { 'sse.route': '_OTHER' })).toBe(1);
    for (const stream of streams) stream.leave();
  });

  it('have what the last collection has not seen when the application has closed', async () => {
    await start();
    const stream = await openRaw(app.port, '/pushed');
    await controller.pushers[0]!.push('x');
    await app.close();
    expect(await sdk.sum('sse.server.sent_messages', { 'sse.message.origin': 'push' })).toBe(1);
    expect(await sdk.sum('sse.server.closed_streams', { 'sse.close.reason': 'shutdown' })).toBe(1);
    expect(await sdk.points('sse.channel.lag')).toEqual([]);
    stream.leave();
  });

  it.each([true, false])('count messages and the bytes of bodies, written directly: %s', async (directWrites) => {
    await start({}, { directWrites });
    const streams = await Promise.all([openRaw(app.port, '/pushed'), openRaw(app.port, '/news')]);
    await controller.pushers[0]!.push({ data: 'pushed' });
    const id = await channels.publish('order:7', 'published');
    await streams[0]!.untilText('data: pushed\n\n');
    await streams[1]!.untilText('data: published\n\n');
    expect(await sdk.sum('sse.server.sent_messages', { 'sse.message.origin': 'push' })).toBe(1);
    expect(await sdk.sum('sse.server.sent_messages', { 'sse.message.origin': 'channel' })).toBe(1);
    const body = streams.map(({ text }) => text).join('');
    expect(body).toContain(`id: ${id}`);
    expect(await sdk.sum('sse.server.io')).toBe(Buffer.byteLength(body));
    for (const stream of streams) stream.leave();
  });

  it('count pings', async () => {
    await start({}, { pingMs: 20 });
    const stream = await openRaw(app.port, '/pushed');
    expect(await sdk.sum('sse.server.pings')).toBeGreaterThanOrEqual(0);
    await stream.untilText(': ping\n\n: ping\n\n');
    expect(await sdk.sum('sse.server.pings')).toBeGreaterThanOrEqual(2);
    stream.leave();
  });
});
