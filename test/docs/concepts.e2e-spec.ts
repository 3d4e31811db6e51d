import { afterEach, describe, expect, it } from '@jest/globals';
import { SseStreamRegistry } from 'nestjs-event-stream';
import { openStream } from 'nestjs-event-stream/testing';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { LevelsController } from './examples/levels.controller.js';

describe.each(PLATFORMS)('examples of the concepts on %s', (platform) => {
  let app: TestApp;

  afterEach(() => app.close());

  it('export all rows to a client that reads, and stop for one that leaves', async () => {
    app = await startApp(platform, { controllers: [LevelsController] });
    const stream = await openStream(app.app, '/levels/export');
    const rows = await stream.take(10_000, 20_000);
    expect(rows.at(-1)?.id).toBe('9999');
    expect(await stream.closed).toBe('ended');

    const gone = await openStream(app.app, '/levels/export');
    await gone.next();
    gone.stall();
    await gone.close();
    expect(app.app.get(SseStreamRegistry).closedCounts().get('client')).toBe(1);
  });

  it('end at the shutdown with the time at which to come back', async () => {
    app = await startApp(platform, { controllers: [LevelsController], sse: { retryMs: 2000 } });
    const stream = await openStream(app.app, '/levels/level');
    await app.close();
    expect(await stream.closed).toBe('ended');
    expect(stream.text).toMatch(/\n\nretry: \d+\n\n$/);
    expect(stream.retryMs).toBeGreaterThanOrEqual(2000);
  });
});
