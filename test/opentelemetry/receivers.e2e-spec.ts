import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { context, trace } from '@opentelemetry/api';
import {
  OnSseEvent,
  type ReceivedMessage,
  SseModule,
  type SseModuleOptions,
  SseReceiverService,
  type SseSubscription,
} from '../../lib/index.js';
import { SseOpenTelemetryModule, type SseOpenTelemetryOptions } from '../../lib/opentelemetry/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { AT_ONCE, entered, take } from '../receiver/support/consumers.js';
import { answer, ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { Arrivals } from '../sources/support/arrivals.js';
import { frame, type SourceApp, startModules, startSources } from '../sources/support/source-app.js';
import { TelemetrySdk } from './support/telemetry-sdk.js';

const PARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/;
const BILLING = { 'sse.source': 'billing' };

describe('telemetry of receivers', () => {
  let sdk: TelemetrySdk;
  let server: ScriptedServer;
  let running: SourceApp;
  let messages: Arrivals<ReceivedMessage>;
  /** What the handler does. */
  let act: (message: ReceivedMessage) => unknown;

  @Injectable()
  class Invoices {
    @OnSseEvent('billing', { attempts: 2, onFailure: 'skip' })
    handle(message: ReceivedMessage): unknown {
      messages.add(message);
      return act(message);
    }
  }

  beforeEach(async () => {
    sdk = TelemetrySdk.start();
    server = await ScriptedServer.start(stream(frame(1, 'paid'), frame(2, 'paid')));
    messages = new Arrivals();
    act = () => {};
  });

  afterEach(async () => {
    await running.app.close();
    await server.close();
    await sdk.stop();
  });

  async function start(options?: SseOpenTelemetryOptions, isFollowed = true): Promise<void> {
    const sources: SseModuleOptions['sources'] = isFollowed ? { billing: { url: server.url, retry: AT_ONCE } } : {};
    running = await startSources(sources, {
      imports: [SseOpenTelemetryModule.forRoot(options)],
      providers: isFollowed ? [Invoices] : [],
    });
  }

  function subscribe(options = {}): SseSubscription {
    return running.app.get(SseReceiverService).subscribe(server.url, { retry: AT_ONCE, ...options });
  }

  it('counts attempts, outcomes and messages of a source, and knows its state and how old its last message is', async () => {
    server.script(answer(503), answer(503), stream(frame(1, 'paid'), frame(2, 'paid')));
    await start();
    await messages.first(({ lastEventId }) => lastEventId === '2');
    expect(await sdk.sum('sse.client.attempts', BILLING)).toBe(3);
    const refused = { ...BILLING, 'sse.outcome': 'http', 'http.response.status_code': 503, 'sse.outcome.final': false };
    expect(await sdk.sum('sse.client.outcomes', refused)).toBe(2);
    expect(await sdk.sum('sse.client.outcomes')).toBe(2);
    expect(await sdk.sum('sse.client.received_messages', BILLING)).toBe(2);
    expect(await sdk.sum('sse.client.subscriptions', { ...BILLING, 'sse.state': 'open' })).toBe(1);
    expect(await sdk.sum('sse.client.subscriptions', { ...BILLING, 'sse.state': 'waiting' })).toBe(0);
    expect(await sdk.sum('sse.client.last_event.age', BILLING)).toBeGreaterThanOrEqual(0);
  });

  it('counts a final outcome, after which a source is in no state, and its last messages', async () => {
    server.script(stream(frame(1, 'paid')), answer(404));
    await start();
    await messages.first(() => true);
    (await server.response(1)).end();
    await entered(running.source('billing'), 'closed');
    const final = { ...BILLING, 'sse.outcome': 'http', 'sse.outcome.final': true };
    expect(await sdk.sum('sse.client.outcomes', final)).toBe(1);
    expect(await sdk.sum('sse.client.outcomes', { 'sse.outcome': 'end', 'sse.outcome.final': false })).toBe(1);
    for (const state of ['connecting', 'open', 'waiting']) {
      expect(await sdk.sum('sse.client.subscriptions', { ...BILLING, 'sse.state': state })).toBe(0);
    }
    expect(await sdk.sum('sse.client.received_messages', BILLING)).toBe(1);
  });

  it('counts what waits for a handler, and how long handlers take, failed attempts too', async () => {
    let finish = () => {};
    let calls = 0;
    act = () => {
      if (++calls === 1) throw new TypeError('once');
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    };
    await start();
    await eventually(() => calls === 2);
    expect(await sdk.sum('sse.client.backlog', BILLING)).toBe(2);
    const handler = { ...BILLING, 'sse.handler': 'Invoices.handle' };
    expect(await sdk.sum('sse.client.handler.duration', { ...handler, 'error.type': 'TypeError' })).toBe(1);
    finish();
    await eventually(() => calls === 3);
    finish();
    await eventually(() => sdk.spans('process').length === 3);
    expect(await sdk.sum('sse.client.handler.duration', handler)).toBe(3);
    expect(await sdk.sum('sse.client.backlog', BILLING)).toBe(0);
  });

  it('has each call of a handler as a trace of its own that links to the connection, and is there within the handler', async () => {
    const within: (string | undefined)[] = [];
    act = () => within.push(trace.getSpan(context.active())?.spanContext().spanId);
    await start();
    await messages.first(({ lastEventId }) => lastEventId === '2');
    const handled = sdk.spans('process billing');
    expect(handled.map((span) => span.spanContext().spanId)).toEqual(within);
    const [connected] = sdk.spans('connect billing');
    expect(connected?.attributes).toMatchObject({ 'http.request.method': 'GET', 'http.response.status_code': 200 });
    for (const span of handled) {
      expect(span.parentSpanContext).toBeUndefined();
      expect(span.links.map((link) => link.context.spanId)).toEqual([connected?.spanContext().spanId]);
    }
    const [, traceId, spanId] = PARENT.exec(String(server.requests[0]?.headers['traceparent'])) ?? [];
    expect({ traceId, spanId }).toEqual({
      traceId: connected?.spanContext().traceId,
      spanId: connected?.spanContext().spanId,
    });
  });

  it('measures handlers from wherever it is imported, also where it starts before the sources', async () => {
    @Module({ imports: [SseOpenTelemetryModule.forRoot()] })
    class Metrics {}
    @Module({ imports: [Metrics] })
    class Operations {}
    const sources = { billing: { url: server.url, retry: AT_ONCE } };
    const sse = SseModule.forRoot({ isGlobal: false, sources });
    running = await startModules({ imports: [sse, Operations], providers: [Invoices] });
    await eventually(() => sdk.spans('process billing').length === 2);
    expect(await sdk.sum('sse.client.attempts', BILLING)).toBe(1);
  });

  it('gives what a handler throws or rejects with back as it is', async () => {
    const errors = [new Error('thrown'), new Error('rejected')];
    act = ({ lastEventId }) => {
      if (lastEventId === '1') throw errors[0];
      return Promise.reject(errors[1]);
    };
    await start();
    await running.lines.lines.first(({ text }) => text.includes('rejected') && text.includes('skipped'));
    expect(running.lines.of('error').map((line) => line.split(': ').pop())).toEqual(['thrown', 'rejected']);
    expect(sdk.spans('process').every(({ status }) => status.code === 2)).toBe(true);
  });

  it('continues the trace of whoever consumes a stream, and sends a request of its own no context with propagate: false', async () => {
    await start({ propagate: false }, false);
    const tracer = trace.getTracer('test');
    await tracer.startActiveSpan('ask', async (span) => {
      await take(subscribe(), 1);
      span.end();
    });
    const [asked] = sdk.spans('ask');
    expect(sdk.spans('connect')[0]?.parentSpanContext?.spanId).toBe(asked?.spanContext().spanId);
    expect(server.requests[0]?.headers).not.toHaveProperty('traceparent');
  });

  it('lets a traceparent of the caller win, and shows none to another origin', async () => {
    const elsewhere = await ScriptedServer.start(stream(frame(1, 'paid')));
    server.script(answer(307, { location: elsewhere.url }));
    await start({}, false);
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    await take(subscribe({ headers: { traceparent } }), 1);
    expect(server.requests[0]?.headers['traceparent']).toBe(traceparent);
    await take(subscribe(), 1);
    expect(server.requests[1]?.headers['traceparent']).toMatch(PARENT);
    for (const { headers } of elsewhere.requests) expect(headers).not.toHaveProperty('traceparent');
    await elsewhere.close();
  });

  it('observes what was subscribed before it began, and forgets what nobody consumes any more', async () => {
    await start({}, false);
    const subscription = subscribe({ name: 'orders' });
    expect(await sdk.points('sse.client.subscriptions')).toEqual([]);
    const consumer = subscription[Symbol.asyncIterator]();
    await consumer.next();
    expect(await sdk.sum('sse.client.subscriptions', { 'sse.source': 'orders' })).toBe(1);
    const age = () => sdk.sum('sse.client.last_event.age', { 'sse.source': 'orders' });
    expect(await age()).toBeGreaterThan(0);
    await consumer.return?.();
    expect(await sdk.sum('sse.client.subscriptions', { 'sse.source': 'orders' })).toBe(0);
    // Else it would stay at the age that it had, and be taken for a source that is silent.
    expect(await age()).toBe(0);
    expect(await sdk.sum('sse.client.received_messages', { 'sse.source': 'orders' })).toBe(2);
    expect(await sdk.sum('sse.client.outcomes', { 'sse.outcome': 'aborted' })).toBe(1);
  });

  it('knows that a subscription is closed that was closed by whoever heard that it waits', async () => {
    server.script(answer(503));
    await start({}, false);
    const subscription = subscribe({ name: 'orders', retry: { nextDelayMs: () => 60_000 } });
    subscription.state$.subscribe(({ phase }) => {
      if (phase === 'waiting') void subscription.close();
    });
    subscription.messages$.subscribe();
    await entered(subscription, 'closed');
    expect(await sdk.sum('sse.client.subscriptions', { 'sse.source': 'orders' })).toBe(0);
    expect(await sdk.sum('sse.client.outcomes', { 'sse.outcome': 'http', 'sse.outcome.final': false })).toBe(1);
  });

  it('counts an outcome once, however often the wait after it is begun', async () => {
    server.script(answer(503));
    await start({}, false);
    const subscription = subscribe({ retry: { nextDelayMs: () => 60_000 } });
    for (let times = 0; times < 2; times++) {
      const waiting = subscription.messages$.subscribe();
      await entered(subscription, 'waiting');
      waiting.unsubscribe();
    }
    await subscription.close();
    expect(await sdk.sum('sse.client.outcomes')).toBe(1);
  });
});
