import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { MemoryBackplane } from '../../lib/channel/index.js';
import { SseBackplaneError, SseChannels, type SseModuleOptions, SseStream } from '../../lib/index.js';
import { SseOpenTelemetryModule, type SseOpenTelemetryOptions } from '../../lib/opentelemetry/index.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';
import { RawSocket } from '../pusher/support/raw-socket.js';
import { TelemetrySdk } from './support/telemetry-sdk.js';

@Controller()
class NewsController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream('news')
  news() {
    return this.channels.subscribe('order:7');
  }

  @SseStream('paid')
  paid() {
    return this.channels.subscribe('order:7', { filter: ['paid'] });
  }

  @SseStream('newest')
  newest() {
    return this.channels.subscribe('order:7', { conflateBy: ({ event }) => event, replay: 'all' });
  }
}

/** One that cannot be reached. */
class CutOff extends MemoryBackplane {
  override publish(): number {
    throw new SseBackplaneError('unreachable', 'could not place a message', false);
  }
}

const channelKind = (channel: string) => channel.split(':')[0];

describe.each(PLATFORMS)('telemetry of channels on %s', (platform) => {
  let sdk: TelemetrySdk;
  let app: TestApp;
  let channels: SseChannels;

  beforeEach(() => {
    sdk = TelemetrySdk.start();
  });

  afterEach(async () => {
    await app.close();
    await sdk.stop();
  });

  async function start(options?: SseOpenTelemetryOptions, sse: SseModuleOptions = {}): Promise<void> {
    app = await startApp(platform, {
      imports: [SseOpenTelemetryModule.forRoot(options)],
      controllers: [NewsController],
      sse: { retryMs: false, pingMs: 0, ...sse },
    });
    channels = app.app.get(SseChannels);
  }

  it('counts and times what is published, by kind, and never names a channel by itself', async () => {
    await start({ channelKind });
    await Promise.all([channels.publish('order:7', 'a'), channels.publish('order:8', 'b'), channels.broadcast('c')]);
    const orders = { 'sse.channel.kind': 'order' };
    expect(await sdk.sum('sse.channel.published_messages', orders)).toBe(2);
    expect(await sdk.sum('sse.channel.publish.duration', orders)).toBe(2);
    expect(await sdk.sum('sse.channel.published_messages', { 'sse.channel.kind': 'broadcast' })).toBe(1);
    await app.close();
    await sdk.stop();
    sdk = TelemetrySdk.start();
    await start();
    await channels.publish('order:7', 'a');
    expect(await sdk.points('sse.channel.published_messages')).toMatchObject([{ attributes: {}, value: 1 }]);
  });

  it('takes a message as published when it was written to the streams', async () => {
    await start();
    const stream = await openRaw(app.port, '/news');
    const published = channels.publish('order:7', 'a');
    expect(await sdk.sum('sse.channel.published_messages')).toBeUndefined();
    await published;
    expect(await sdk.sum('sse.channel.published_messages')).toBe(1);
    expect(await sdk.sum('sse.server.sent_messages', { 'sse.message.origin': 'channel' })).toBe(1);
    stream.leave();
  });

  it('counts what was written to a stream, not what it does not want or has been overtaken', async () => {
    await start();
    const sent = () => sdk.sum('sse.server.sent_messages', { 'sse.message.origin': 'channel' });
    const stream = await openRaw(app.port, '/paid');
    for (const event of ['paid', 'sent', 'paid']) await channels.publish('order:7', { event, data: 1 });
    expect(await sent()).toBe(2);
    const late = await openRaw(app.port, '/newest');
    await late.until((text) => text.includes('event: sent') && text.includes('event: paid'));
    expect(await sent()).toBe(4);
    stream.leave();
    late.leave();
  });

  it('counts what could not be published by what was wrong, and lets it fail as before', async () => {
    await start({}, { backplane: new CutOff() });
    await expect(channels.publish('order:7', 'a')).rejects.toBeInstanceOf(SseBackplaneError);
    await expect(channels.publish('order:7', { id: 'mine' } as never)).rejects.toMatchObject({
      code: 'SSE_INVALID_MESSAGE',
    });
    expect(await sdk.sum('sse.channel.publish_failures', { 'error.type': 'unreachable' })).toBe(1);
    expect(await sdk.sum('sse.channel.publish_failures', { 'error.type': 'SSE_INVALID_MESSAGE' })).toBe(1);
    expect(await sdk.sum('sse.channel.published_messages')).toBeUndefined();
    const spans = sdk.spans('publish');
    expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual(['unreachable', 'SSE_INVALID_MESSAGE']);
    expect(sdk.spans('deliver')).toEqual([]);
  });

  it('survives a channelKind that throws', async () => {
    await start({
      channelKind: () => {
        throw new Error('of no kind');
      },
    });
    await channels.publish('order:7', 'a');
    expect(await sdk.points('sse.channel.published_messages')).toMatchObject([{ attributes: {}, value: 1 }]);
  });

  it('counts gaps by reason, and what history has forgotten by the bound that it was for', async () => {
    await start({}, { history: { events: 2, totalBytes: 1_000_000 } });
    for (const n of [1, 2, 3, 4, 5]) await channels.publish('order:7', String(n));
    expect(await sdk.sum('sse.channel.history.evictions', { 'sse.bound': 'channel' })).toBe(3);
    expect(await sdk.sum('sse.channel.history.evictions', { 'sse.bound': 'total' })).toBe(0);
    expect(await sdk.sum('sse.channel.history.size')).toBeGreaterThan(0);
    const stream = await openRaw(app.port, '/news', { headers: { 'Last-Event-ID': 'not-ours' } });
    await stream.untilText('event: gap');
    expect(await sdk.sum('sse.channel.gaps', { 'sse.gap.reason': 'malformed' })).toBe(1);
    stream.leave();
  });

  it('counts what is forgotten for the bound of all channels together', async () => {
    await start({}, { history: { totalBytes: 1000 } });
    for (const n of [1, 2, 3, 4, 5, 6]) await channels.publish(`order:${n}`, 'x'.repeat(200));
    expect(await sdk.sum('sse.channel.history.evictions', { 'sse.bound': 'total' })).toBeGreaterThan(0);
    expect(await sdk.sum('sse.channel.history.evictions', { 'sse.bound': 'channel' })).toBe(0);
  });

  it('tells how many subscribers are behind, and how far', async () => {
    await start({}, { writeTimeoutMs: 0, history: { bytes: 1e9, totalBytes: 1e9 } });
    const stuck = (await RawSocket.connect(app.port)).get('/news');
    const reader = await openRaw(app.port, '/news');
    await stuck.untilText('id: ');
    expect(await sdk.sum('sse.channel.lagging_subscribers')).toBe(0);
    stuck.pause();
    const text = 'x'.repeat(100_000);
    let published = 0;
    const behind = async () => (await sdk.sum('sse.channel.lagging_subscribers'))!;
    while ((await behind()) === 0) {
      await channels.publish('order:7', `${published++} ${text}`);
      await reader.untilText(`data: ${published - 1} `);
      await nextTurn();
    }
    const lag = (await sdk.sum('sse.channel.lag'))!;
    for (let n = 0; n < 5; n++) await channels.publish('order:7', text);
    await eventuallyCaughtUp(reader, 5);
    expect(await behind()).toBe(1);
    expect(await sdk.sum('sse.channel.lag')).toBe(lag + 5);
    stuck.leave();
    reader.leave();
  });

  async function eventuallyCaughtUp(reader: Awaited<ReturnType<typeof openRaw>>, messages: number): Promise<void> {
    const id = await channels.publish('order:8', `${messages}`);
    expect(id).toBeDefined();
    await reader.until((all) => all.endsWith('\n\n'));
  }

  it('traces each publishing within the trace of whoever publishes, and the delivery of a turn with links to them', async () => {
    await start({ channelKind });
    const streams = await Promise.all([openRaw(app.port, '/news'), openRaw(app.port, '/news')]);
    await Promise.all([channels.publish('order:7', 'a'), channels.publish('order:7', 'b')]);
    const published = sdk.spans('publish');
    expect(published.map(({ name, kind }) => [name, kind])).toEqual([
      ['publish order', 3],
      ['publish order', 3],
    ]);
    const [delivered, ...more] = sdk.spans('deliver');
    expect(more).toEqual([]);
    expect(delivered?.attributes).toEqual({ 'sse.messages': 2, 'sse.subscribers': 2 });
    expect(delivered?.links.map(({ context }) => context.spanId).sort()).toEqual(
      published.map((span) => span.spanContext().spanId).sort(),
    );
    await channels.publish('order:7', 'c');
    expect(sdk.spans('deliver')[1]?.links).toHaveLength(1);
    for (const stream of streams) stream.leave();
  });

  it('traces nothing with traces: false, and measures nothing with metrics: false', async () => {
    await start({ traces: false });
    await channels.publish('order:7', 'a');
    expect(sdk.spans()).toEqual([]);
    expect(await sdk.sum('sse.channel.published_messages')).toBe(1);
    await app.close();
    await sdk.stop();
    sdk = TelemetrySdk.start();
    await start({ metrics: false });
    await channels.publish('order:7', 'a');
    expect(await sdk.names()).toEqual(new Map());
    expect(sdk.spans('publish')).toHaveLength(1);
  });
});
