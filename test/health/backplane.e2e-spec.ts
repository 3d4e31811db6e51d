import { afterEach, describe, expect, it } from '@jest/globals';
import { type SseBackplane, SseBackplaneError, SseChannels } from 'nestjs-event-stream';
import { SseHealthIndicator, type SseHealthOptions } from 'nestjs-event-stream/terminus';
import { MemoryBackplane } from '../../lib/channel/index.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { DEGRADED, type HealthApp, startHealthApp } from './support/health-app.js';

/** A backplane of somebody's own. */
function backplaneWith(health: SseBackplane['health']): SseBackplane {
  return Object.assign(new MemoryBackplane(), { health });
}

describe.each(PLATFORMS)('the health of a backplane on %s', (platform) => {
  let app: HealthApp;

  const probe = async (health: SseBackplane['health'], options?: SseHealthOptions) => {
    app = await startHealthApp(platform, { sse: { backplane: backplaneWith(health) }, options });
    return app.probe();
  };

  afterEach(() => app.close());

  it('is up in the memory of one process, and down when that has stopped', async () => {
    app = await startHealthApp(platform, {});
    expect(await app.probe()).toEqual({ status: 200, sse: 'up', found: { backplane: { status: 'up' }, sources: {} } });
    const channels = app.app.get(SseChannels);
    await app.close();
    expect(await channels.backplaneHealth()).toEqual({ status: 'down', reason: 'stopped' });
  });

  it('passes when degraded, with the reason', async () => {
    const found = { backplane: { status: 'degraded', reason: 'unreachable' }, sources: {} };
    const health = () => ({ status: 'degraded', reason: 'unreachable' }) as const;
    expect(await probe(health)).toEqual({ status: 200, sse: DEGRADED, found });
  });

  it('fails when degraded, if that is wanted', async () => {
    const health = async () => ({ status: 'degraded' }) as const;
    expect(await probe(health, { degraded: 'down' })).toMatchObject({ status: 503, sse: 'down' });
  });

  it('fails when down', async () => {
    expect(await probe(() => ({ status: 'down' }))).toMatchObject({ status: 503, sse: 'down' });
  });

  it('is not asked for when nobody wants to know', async () => {
    const found = { sources: {} };
    expect(await probe(() => ({ status: 'down' }), { backplane: false })).toEqual({ status: 200, sse: 'up', found });
  });

  it('is unknown where a backplane cannot tell, which passes', async () => {
    const found = { backplane: { status: 'unknown' }, sources: {} };
    expect(await probe(undefined)).toEqual({ status: 200, sse: 'up', found });
  });

  it('is degraded where no answer comes in time, and the signal says that nobody waits any more', async () => {
    let asked: AbortSignal | undefined;
    const health = (signal: AbortSignal) => {
      asked = signal;
      return new Promise<never>(() => {});
    };
    expect(await probe(health, { timeoutMs: 1 })).toMatchObject({
      status: 200,
      sse: DEGRADED,
      found: { backplane: { status: 'degraded', reason: 'timeout' } },
    });
    expect(asked?.aborted).toBe(true);
  });

  it('tells what a backplane says when it is asked no longer, but for its saying so', async () => {
    const answers: NonNullable<SseBackplane['health']>[] = [
      (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(cutOff))),
      (signal) =>
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new SseBackplaneError('refused', 'no', false))),
        ),
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    ];
    const cutOff = { status: 'degraded', reason: 'unreachable' } as const;
    let health = answers[0]!;
    app = await startHealthApp(platform, { sse: { backplane: backplaneWith((signal) => health(signal)) } });
    const channels = app.app.get(SseChannels);
    const found = [];
    for (health of answers) found.push(await channels.backplaneHealth({ timeoutMs: 1 }));
    expect(found).toEqual([
      cutOff,
      { status: 'degraded', reason: 'refused' },
      { status: 'degraded', reason: 'timeout' },
    ]);
  });

  it.each([
    ['degraded', new SseBackplaneError('refused', 'said no', false), { reason: 'refused' }],
    ['down', new SseBackplaneError('stopped', 'has stopped', false), { reason: 'stopped' }],
    ['down', new Error('the secret broke it'), {}],
  ])('is %s where asking fails with %s, of which no more is shown than its reason', async (status, error, reason) => {
    const { found } = await probe(async () => {
      throw error;
    });
    expect(found['backplane']).toEqual({ status, ...reason });
  });

  it('refuses options that cannot be used', async () => {
    app = await startHealthApp(platform, {});
    const channels = app.app.get(SseChannels);
    await expect(channels.backplaneHealth({ timeoutMs: 0 })).rejects.toMatchObject({ code: 'SSE_OPTIONS' });
    const options = { backplane: 1, sources: 'billing', degraded: 'no', timeoutMs: -1, other: 1 } as never;
    await expect(app.app.get(SseHealthIndicator).check('sse', options)).rejects.toMatchObject({
      problems: ['backplane', 'sources', 'degraded', 'timeoutMs', 'other'].map((option) =>
        expect.objectContaining({ option }),
      ),
    });
  });
});
