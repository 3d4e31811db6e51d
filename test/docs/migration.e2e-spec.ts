import { afterEach, describe, expect, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { PLATFORMS, startApp, startBareApp, type TestApp } from '../pusher/support/platforms.js';
import { openRaw, type RawStream } from '../pusher/support/raw-client.js';
import { ClockController as ClockAfter } from './examples/clock-after.controller.js';
import { ClockController as ClockBefore } from './examples/clock-before.controller.js';
import { Inbox, InboxModule } from './examples/inbox.module.js';
import { WallController as WallAfter } from './examples/wall-after.controller.js';
import { WallController as WallBefore } from './examples/wall-before.controller.js';
import { messagesIn } from './support/messages-in.js';

describe.each(PLATFORMS)('moving over on %s', (platform) => {
  let app: TestApp;

  afterEach(() => app.close());

  async function start(controller: Type): Promise<void> {
    app = await startApp(platform, { controllers: [controller] });
  }

  function open(path: string, headers: Record<string, string> = {}): Promise<RawStream> {
    return openRaw(app.port, path, { headers });
  }

  describe("from Nest's @Sse()", () => {
    it.each([
      ['before', ClockBefore, /^id: 1$/m],
      ['after', ClockAfter, /^retry: \d+$/m],
    ])('has the same message, and the same 404: %s', async (_when, controller, onlyHere) => {
      await start(controller);
      const clock = await open('/clock/utc');
      await clock.untilText('data: ');
      clock.leave();
      expect(messagesIn(clock.text)).toEqual(['tick: {"zone":"utc","minute":0}']);
      expect(clock.text).toMatch(onlyHere);
      expect((await open('/clock/mars')).status).toBe(404);
    });

    it('has no ids that nobody gave', async () => {
      await start(ClockAfter);
      const clock = await open('/clock/utc');
      expect(await clock.untilText('data: ')).not.toMatch(/^id:/m);
      clock.leave();
    });
  });

  describe('from nest-sse', () => {
    it('has guards where patterns had functions, and the messages of both channels in one stream', async () => {
      app = await startBareApp(platform, { imports: [InboxModule] });
      expect((await open('/users/ann/inbox', { 'X-User': 'bob' })).status).toBe(403);
      const ann = await open('/users/ann/inbox', { 'X-User': 'ann' });
      await ann.untilText('id: ');
      await app.app.get(Inbox).tell('bob', 'not for ann');
      await app.app.get(Inbox).tell('ann', 'hello');
      expect(messagesIn(await ann.untilText('hello"}\n\n'))).toEqual(['notice: {"text":"hello"}']);
      ann.leave();
    });
  });
});

describe('moving over from better-sse', () => {
  it.each([
    ['before', WallBefore],
    ['after', WallAfter],
  ])('has the same messages: %s', async (_when, controller) => {
    const app = await startApp('express', { controllers: [controller] });
    const wall = await openRaw(app.port, '/wall');
    await wall.untilText('are in');
    // Registered, or subscribed, by the time that a further request is answered.
    const headers = { 'Content-Type': 'application/json' };
    const parts = { method: 'POST', headers, body: '{"text":"two\\nlines"}' };
    await (await openRaw(app.port, '/wall', parts)).untilEnd();
    await wall.untilText('lines"\n\n');
    expect(messagesIn(wall.text)).toEqual(['welcome: {"you":"are in"}', 'posted: "two\\nlines"']);
    wall.leave();
    await app.close();
  });
});
