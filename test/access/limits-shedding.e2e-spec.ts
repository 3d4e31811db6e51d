import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { LOAD_PROBE, NodeLoadProbe } from '../../lib/access/index.js';
import { SseModule } from '../../lib/index.js';
import { stopClock } from '../pusher/support/fake-clock.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { openRaw, readRaw } from '../pusher/support/raw-client.js';
import { unfinishedStreams } from '../pusher/support/unfinished.js';
import { type LimitedApp, startLimited } from './support/limited-app.js';

describe.each(PLATFORMS)('a process with too much to do, on %s', (platform) => {
  let app: LimitedApp;

  beforeEach(stopClock);

  afterEach(async () => {
    jest.useRealTimers();
    await app.close();
  });

  it('has new streams come back later, and keeps those that it has', async () => {
    app = await startLimited(platform, { shed: { maxEventLoopDelayMs: 200 } });
    const kept = await openRaw(app.port, '/stream');
    const pusher = await app.handedOver.next();
    app.load.delayMs = 900;
    jest.advanceTimersByTime(500);
    const refused = await openRaw(app.port, '/stream');
    expect([refused.status, await refused.untilEnd()]).toEqual([200, 'retry: 50\n\n']);
    await pusher.push('still here');
    await kept.untilText('data: still here');
    app.load.delayMs = 0;
    jest.advanceTimersByTime(500);
    await (await openRaw(app.port, '/stream')).untilText('retry: ');
    expect(unfinishedStreams(app.app)).toBe(2);
  });

  it("says so with 503 where refuseWith is 'status'", async () => {
    app = await startLimited(platform, { shed: { maxHeapUsedRatio: 0.8, refuseWith: 'status' } });
    app.load.ratio = 0.9;
    const refused = await readRaw(app.port, '/stream');
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(refused.json).toEqual({ statusCode: 503, message: 'The server has too much to do', code: 'SSE_CAPACITY' });
  });

  it('ends no older stream of a user for a new one that it does not take', async () => {
    const per = { user: { max: 1, onFull: 'replace-oldest' } } as const;
    app = await startLimited(platform, { per, shed: { maxHeapUsedRatio: 0.8 } });
    const kept = await openRaw(app.port, '/stream?user=ann');
    const pusher = await app.handedOver.next();
    app.load.ratio = 0.9;
    jest.advanceTimersByTime(500);
    expect((await readRaw(app.port, '/stream?user=ann')).text).toBe('retry: 50\n\n');
    await pusher.push('still here');
    await kept.untilText('data: still here');
  });
});

describe('the probe of an application', () => {
  it('is stopped with it', async () => {
    const stop = jest.spyOn(NodeLoadProbe.prototype, 'onApplicationShutdown');
    const testing = await Test.createTestingModule({ imports: [SseModule.forRoot()] }).compile();
    expect(testing.get(LOAD_PROBE)).toBeInstanceOf(NodeLoadProbe);
    await testing.close();
    expect(stop).toHaveBeenCalledTimes(1);
    stop.mockRestore();
  });
});
