import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { stopClock } from '../pusher/support/fake-clock.js';
import { PLATFORMS, startBareApp, type TestApp } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';
import { AccountModule, Accounts, Sessions } from './examples/account.module.js';

describe.each(PLATFORMS)('the page on authorization has a module whose streams, on %s,', (platform) => {
  let app: TestApp;
  let sessions: Sessions;

  beforeEach(async () => {
    stopClock();
    app = await startBareApp(platform, { imports: [AccountModule] });
    sessions = app.app.get(Sessions);
    sessions.known.set('one', { user: '7', expiresAt: Date.now() + 100_000 });
  });

  afterEach(async () => {
    await app.close();
    jest.useRealTimers();
  });

  const open = () => openRaw(app.port, '/account/events', { headers: { 'x-session': 'one' } });

  it('end when the user is locked out, who then gets 403', async () => {
    const stream = await open();
    await app.app.get(Accounts).lockOut('7');
    await stream.untilEnd();
    expect((await open()).status).toBe(403);
  });

  it('end when the session is gone', async () => {
    const stream = await open();
    sessions.known.clear();
    await jest.advanceTimersByTimeAsync(31_000);
    await stream.untilEnd();
  });

  it('live with a session that is renewed, and end with it', async () => {
    const stream = await open();
    await jest.advanceTimersByTimeAsync(75_000);
    expect(stream.text).toContain('event: reauthorize');
    sessions.of({ headers: { 'x-session': 'one' } })!.expiresAt += 30_000;
    await jest.advanceTimersByTimeAsync(45_000);
    expect(stream.ended).toBe(false);
    await jest.advanceTimersByTimeAsync(20_000);
    await stream.untilEnd();
    expect((await open()).status).toBe(401);
  });
});
