import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SseStreamRegistry, SseTicketGuard } from '../../lib/index.js';
import { stopClock } from '../pusher/support/fake-clock.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { cookieOf, startTicketApp, type TicketApp } from './support/ticket-app.js';

const seconds = (n: number) => jest.advanceTimersByTimeAsync(n * 1000);

describe.each(PLATFORMS)('a stream behind a ticket whose guard is listed in reauthorize, on %s', (platform) => {
  let app: TicketApp;

  beforeEach(() => {
    stopClock();
  });

  afterEach(async () => {
    await app.close();
    jest.useRealTimers();
  });

  it('stays while its session is good, on its first connection and on those by cookie, and ends when it is revoked', async () => {
    app = await startTicketApp(platform, { route: { reauthorize: { everyMs: 10_000, guards: [SseTicketGuard] } } });
    const url = await app.urlFor();
    const first = await app.open(url);
    await first.untilText('hello 7');
    const back = await app.open(url, cookieOf(first));
    await back.untilText('hello 7');
    const other = await app.open(await app.urlFor({ subject: '8' }));
    await other.untilText('hello 8');
    const registry = app.app.get(SseStreamRegistry);

    await seconds(30);
    expect(registry.count).toBe(3);

    await app.tickets.revoke('7');
    await seconds(12);
    await Promise.all([first.untilEnd(), back.untilEnd()]);
    expect(registry.count).toBe(1);
    expect(registry.closedCounts()).toEqual(new Map([['revoked', 2]]));
    const refused = await app.open(url, cookieOf(first));
    await refused.untilEnd();
    expect(refused.status).toBe(401);
    other.leave();
  });

  it('ends with the token that its ticket was issued for', async () => {
    app = await startTicketApp(platform, {
      route: { reauthorize: { until: ({ sseTicket }) => sseTicket.until, warnMs: 5000 } },
    });
    const stream = await app.open(await app.urlFor({ until: new Date(Date.now() + 20_000) }));
    await stream.untilText('hello 7');
    expect(stream.text).not.toContain('event: reauthorize');
    await seconds(16);
    await stream.untilText('event: reauthorize');
    await seconds(6);
    await stream.untilEnd();
    expect(app.app.get(SseStreamRegistry).closedCounts()).toEqual(new Map([['revoked', 1]]));
  });
});
