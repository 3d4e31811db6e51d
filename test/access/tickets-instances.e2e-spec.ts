import { afterEach, describe, expect, it } from '@jest/globals';
import type { LoggerService } from '@nestjs/common';
import { MemoryBackplane } from '../../lib/channel/index.js';
import { MemoryTicketStore, type SseModuleOptions } from '../../lib/index.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { ShutdownGate } from '../pusher/support/shutdown-gate.js';
import { cookieOf, startTicketApp, type TicketApp, type TicketAppParts } from './support/ticket-app.js';

describe.each(PLATFORMS)('tickets of two instances on %s', (platform) => {
  const apps: TicketApp[] = [];

  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
  });

  async function start(sse: SseModuleOptions, parts: Omit<TicketAppParts, 'sse'> = {}): Promise<TicketApp> {
    const app = await startTicketApp(platform, { sse, ...parts });
    apps.push(app);
    return app;
  }

  const statusOf = async (app: TicketApp, url: string, cookie?: string) => {
    const stream = await app.open(url, cookie);
    stream.leave();
    return stream.status;
  };

  it('are redeemed once over both, and good for reconnects at either', async () => {
    const tickets = { store: new MemoryTicketStore() };
    const [one, other] = [await start({ tickets }), await start({ tickets })];
    for (let round = 0; round < 5; round++) {
      const url = await one.urlFor();
      const streams = await Promise.all([other, one, other, one].map((app) => app.open(url)));
      const winners = streams.filter(({ status }) => status === 200);
      expect(winners).toHaveLength(1);
      const cookie = cookieOf(winners[0]!);
      for (const app of [one, other]) expect(await statusOf(app, url, cookie)).toBe(200);
      await other.tickets.revoke('7');
      for (const app of [one, other]) expect(await statusOf(app, url, cookie)).toBe(401);
      for (const stream of streams) stream.leave();
    }
  });

  it('that are redeemed at one which closes let the page come back to the other', async () => {
    const tickets = { store: new MemoryTicketStore() };
    const [closing, other] = [await start({ tickets }, { providers: [ShutdownGate] }), await start({ tickets })];
    const url = await closing.urlFor();
    const gate = closing.app.get(ShutdownGate);
    const closed = closing.close();
    await gate.reached;
    const turnedAway = await closing.open(url);
    gate.open();
    expect(await turnedAway.untilEnd()).toMatch(/^retry: \d+\n\n$/);
    expect(turnedAway.status).toBe(200);
    await closed;
    expect(await statusOf(other, url, cookieOf(turnedAway))).toBe(200);
  });

  it.each<[string, SseModuleOptions, number]>([
    ['a backplane', { backplane: new MemoryBackplane() }, 1],
    ['a backplane, and a store', { backplane: new MemoryBackplane(), tickets: { store: new MemoryTicketStore() } }, 0],
    ['no backplane', {}, 0],
  ])('are said to be good at one alone, where there is %s', async (_what, sse, warnings) => {
    const warned: unknown[] = [];
    const logger: LoggerService = { log() {}, error() {}, warn: (text) => void warned.push(text) };
    const app = await start(sse, { configure: (nest) => nest.useLogger(logger) });
    for (let n = 0; n < 2; n++) await app.urlFor();
    expect(warned.filter((text) => String(text).includes('give the option tickets.store'))).toHaveLength(warnings);
  });
});
