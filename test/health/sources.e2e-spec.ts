import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnSseEvent, type ReceivedMessage, SseSources } from 'nestjs-event-stream';
import { SseHealthIndicator, type SseHealthOptions } from 'nestjs-event-stream/terminus';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { entered } from '../receiver/support/consumers.js';
import { answer, ScriptedServer, silence, stream, streamAndCut } from '../receiver/support/scripted-server.js';
import { Arrivals } from '../sources/support/arrivals.js';
import { HandLeases } from '../sources/support/hand-leases.js';
import { frame } from '../sources/support/source-app.js';
import { DEGRADED, type HealthApp, startHealthApp } from './support/health-app.js';

describe.each(PLATFORMS)('the health of sources on %s', (platform) => {
  let server: ScriptedServer;
  let app: HealthApp;
  let seen: Arrivals<ReceivedMessage>;

  @Injectable()
  class Invoices {
    @OnSseEvent('billing', { onFailure: 'stop', attempts: 1 })
    any(message: ReceivedMessage) {
      seen.add(message);
      if (message.event === 'broken') throw new Error('the secret broke it');
    }
  }

  const start = async (source: object = {}, options?: SseHealthOptions, providers = [Invoices]) => {
    const billing = { url: server.url, retry: { nextDelayMs: () => 60_000 }, ...source };
    app = await startHealthApp(platform, { sse: { sources: { billing } }, providers, options });
    return app.app.get(SseSources);
  };

  const billing = async () => {
    const { status, sse, found } = await app.probe();
    return { status, sse, billing: (found['sources'] as Record<string, unknown>)['billing'] };
  };

  beforeEach(async () => {
    server = await ScriptedServer.start(stream(frame(1, 'paid')));
    seen = new Arrivals();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await app.close();
    await server.close();
  });

  it('is up when open, with the age of the last event', async () => {
    await start();
    await seen.count(1);
    const now = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(now + 60_000);
    const { billing: found, ...rest } = await billing();
    expect(rest).toEqual({ status: 200, sse: 'up' });
    expect(found).toEqual({ state: 'open', lastEventAgeMs: expect.any(Number) });
    expect((found as { lastEventAgeMs: number }).lastEventAgeMs).toBeGreaterThanOrEqual(60_000);
  });

  it('is degraded while it is being connected', async () => {
    server.script(silence);
    await start();
    await server.response(1);
    expect(await billing()).toEqual({ status: 200, sse: DEGRADED, billing: { state: 'connecting' } });
  });

  it.each([
    ['network', streamAndCut(':\n'), {}],
    ['http', answer(503, {}, 'secret'), { httpStatus: 503 }],
  ])('is degraded while it waits after %s, and fails if that is wanted', async (reason, act, more) => {
    server.script(act);
    const sources = await start({}, { degraded: 'down' });
    await entered(sources.get('billing'), 'waiting');
    const state = { state: 'waiting', reason, ...more };
    expect(await billing()).toEqual({ status: 503, sse: 'down', billing: state });
    await app.close();
    server.script(act);
    const again = await start();
    await entered(again.get('billing'), 'waiting');
    expect(await billing()).toEqual({ status: 200, sse: DEGRADED, billing: state });
  });

  it('is down when it has failed for good, and says no more than that', async () => {
    server.script(answer(401, {}, 'secret'));
    const sources = await start();
    await entered(sources.get('billing'), 'closed');
    const failed = { state: 'failed', reason: 'http', httpStatus: 401 };
    expect(await billing()).toEqual({ status: 503, sse: 'down', billing: failed });
  });

  it('is down when a handler has stopped it, until it is restarted', async () => {
    server.script(stream(frame(1, 'broken')), stream(frame(2, 'paid')));
    const sources = await start();
    await eventually(() => sources.status('billing').state === 'failed');
    const failed = { state: 'failed', reason: 'handler', lastEventAgeMs: expect.any(Number) };
    expect(await billing()).toEqual({ status: 503, sse: 'down', billing: failed });
    await sources.restart('billing');
    await seen.count(2);
    expect(await billing()).toMatchObject({ status: 200, sse: 'up', billing: { state: 'open' } });
  });

  it.each([
    ['its server has ended', answer(204), undefined, 'no-content'],
    ['somebody has closed', stream(), (sources: SseSources) => sources.get('billing').close(), 'aborted'],
  ])('is up when %s it', async (_, act, close, reason) => {
    server.script(act);
    const sources = await start();
    await close?.(sources);
    await entered(sources.get('billing'), 'closed');
    expect(await billing()).toEqual({ status: 200, sse: 'up', billing: { state: 'closed', reason } });
  });

  it('is up when it is switched off, or nobody wants its events', async () => {
    await start({ enabled: false });
    expect(await billing()).toEqual({ status: 200, sse: 'up', billing: { state: 'disabled' } });
    await app.close();
    await start({}, {}, []);
    expect(await billing()).toEqual({ status: 200, sse: 'up', billing: { state: 'idle' } });
  });

  it('is up on standby, before another instance has had its lease and after', async () => {
    const leases = new HandLeases();
    const sources = await start({ lease: leases });
    await leases.asked.count(1);
    expect(await billing()).toEqual({ status: 200, sse: 'up', billing: { state: 'standby' } });
    const lease = await leases.grant();
    await seen.count(1);
    expect(await billing()).toMatchObject({ sse: 'up', billing: { state: 'open' } });
    lease.lose(new Error('expired'));
    await leases.asked.count(2);
    expect(sources.status('billing')).toEqual({ state: 'standby', lastEventAgeMs: expect.any(Number) });
    server.script(answer(401));
    await leases.grant(2);
    await eventually(() => sources.status('billing').state === 'failed');
    expect(await billing()).toMatchObject({ status: 503, billing: { state: 'failed', httpStatus: 401 } });
    await sources.restart('billing');
    expect(sources.status('billing').state).toBe('standby');
  });

  it('knows no lease of a source that is switched off or unused', async () => {
    const sources = await start({ lease: new HandLeases(), enabled: false });
    expect(sources.status('billing')).toEqual({ state: 'disabled' });
    await app.close();
    const unused = await start({ lease: new HandLeases() }, {}, []);
    expect(unused.status('billing')).toEqual({ state: 'idle' });
  });

  it('is told of those that are named, which must exist', async () => {
    server.script(answer(401));
    const sources = await start({}, { sources: [] });
    await entered(sources.get('billing'), 'closed');
    expect(await app.probe()).toMatchObject({ status: 200, sse: 'up', found: { sources: {} } });
    const unknown = app.app.get(SseHealthIndicator).check('sse', { sources: ['orders'] });
    await expect(unknown).rejects.toMatchObject({ code: 'SSE_UNKNOWN_SOURCE' });
  });
});
