import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Logger } from '@nestjs/common';
import { metrics, propagation, trace } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { SseChannels, SseModule, SseReceiverService, SseStream, SseStreamRegistry } from '../../lib/index.js';
import { SseOpenTelemetryModule } from '../../lib/opentelemetry/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS, startApp, startBareApp } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';
import { RawSocket } from '../pusher/support/raw-socket.js';
import { take } from '../receiver/support/consumers.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { frame } from '../sources/support/source-app.js';
import { AskedReader, TelemetrySdk } from './support/telemetry-sdk.js';

@Controller()
class NewsController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream('news')
  news() {
    return this.channels.subscribe('news');
  }
}

function broken(): never {
  throw new Error('broken');
}

/** What applications give an SDK, and SDKs call without a net. */
const BROKEN_PARTS: [string, () => void][] = [
  ['a span processor at the start of spans', () => traceWith({ onStart: broken, onEnd: () => {} })],
  ['a span processor at their end', () => traceWith({ onStart: () => {}, onEnd: broken })],
  [
    'a view',
    () => {
      metrics.disable();
      const views = [{ instrumentName: '*', attributesProcessors: [{ process: broken }] }];
      metrics.setGlobalMeterProvider(new MeterProvider({ views, readers: [new AskedReader()] }));
    },
  ],
  [
    'a propagator',
    () => {
      propagation.disable();
      propagation.setGlobalPropagator({ fields: () => [], extract: (context) => context, inject: broken });
    },
  ],
];

function traceWith(processor: Pick<SpanProcessor, 'onStart' | 'onEnd'>): void {
  trace.disable();
  const nothing = () => Promise.resolve();
  const spanProcessors = [{ ...processor, forceFlush: nothing, shutdown: nothing }];
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
}

describe.each(PLATFORMS)('telemetry at the worst moment, on %s', (platform) => {
  let sdk: TelemetrySdk;

  beforeEach(() => {
    sdk = TelemetrySdk.start();
  });

  afterEach(() => sdk.stop());

  const parts = { imports: [SseOpenTelemetryModule.forRoot()], controllers: [NewsController], sse: { pingMs: 0 } };

  it('counts as many ends as beginnings, however clients leave', async () => {
    const { app, port, close } = await startApp(platform, parts);
    const registry = app.get(SseStreamRegistry);
    for (let round = 0; round < 20; round++) {
      // Gone before, in the middle of, and after the answer.
      (await RawSocket.connect(port)).get('/news').leave();
      const [first, second] = await Promise.all([openRaw(port, '/news'), openRaw(port, '/news')]);
      first.leave();
      const published = app.get(SseChannels).publish('news', 'x'.repeat(100));
      second.leave();
      await published;
    }
    await eventually(() => registry.count === 0);
    await close();
    const opened = await sdk.sum('sse.server.opened_streams');
    expect(await sdk.sum('sse.server.closed_streams')).toBe(opened);
    expect(await sdk.sum('sse.server.stream.duration')).toBe(opened);
    expect(await sdk.sum('sse.server.active_streams')).toBe(0);
  });

  it('sums up over several SseModules of one application, and over applications that follow each other', async () => {
    for (const total of [2, 4]) {
      const { app, close } = await startBareApp(platform, {
        imports: [
          SseModule.forRoot({ isGlobal: false, pingMs: 0 }),
          SseModule.forRoot({ isGlobal: false, pingMs: 1 }),
          SseOpenTelemetryModule.forRoot(),
        ],
      });
      for (const channels of app.get(SseChannels, { strict: false, each: true })) await channels.publish('news', 'a');
      expect(await sdk.sum('sse.channel.published_messages')).toBe(total);
      expect(await sdk.sum('sse.channel.history.evictions')).toBe(0);
      await close();
    }
  });

  it('does as before where no SDK is registered', async () => {
    for (const api of [metrics, trace, propagation]) api.disable();
    const { app, port, close } = await startApp(platform, parts);
    const client = await openRaw(port, '/news');
    await app.get(SseChannels).publish('news', 'a');
    await client.untilText('data: a\n\n');
    client.leave();
    await close();
  });

  it.each(BROKEN_PARTS)('keeps what is measured going where %s throws, and says so once', async (_what, breakIt) => {
    breakIt();
    const said = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    const server = await ScriptedServer.start(stream(frame(1, 'a')));
    const { app, port, close } = await startApp(platform, parts);
    const client = await openRaw(port, '/news');
    for (const data of ['a', 'b']) await app.get(SseChannels).publish('news', data);
    await client.untilText('data: b\n\n');
    client.leave();
    expect(await take(app.get(SseReceiverService).subscribe(server.url), 1)).toHaveLength(1);
    await close();
    expect(said.mock.calls).toEqual([['OpenTelemetry failed, and what it was told is lost: broken']]);
    said.mockRestore();
    await server.close();
  });

  it('keeps headers that no request can have out of the requests of receivers', async () => {
    propagation.disable();
    propagation.setGlobalPropagator({
      fields: () => [],
      extract: (context) => context,
      inject(_context, carrier, setter) {
        setter.set(carrier, 'x-good', 'yes');
        setter.set(carrier, 'x-split', 'a\r\nb: c');
        setter.set(carrier, 'last-event-id', '666');
        setter.set(carrier, 'no header', 'x');
      },
    });
    const server = await ScriptedServer.start(stream(frame(1, 'a')));
    const { app, close } = await startApp(platform, parts);
    await take(app.get(SseReceiverService).subscribe(server.url), 1);
    const [request] = server.requests;
    expect(request?.headers).toMatchObject({ 'x-good': 'yes' });
    for (const name of ['x-split', 'b', 'last-event-id', 'no header'])
      expect(request?.headers).not.toHaveProperty(name);
    await close();
    await server.close();
  });
});
