import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ExecutionContext, LoggerService } from '@nestjs/common';
import { SseStreamRegistry, SseTicketGuard } from '../../lib/index.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';
import { ShakyStore } from './support/shaky-store.js';
import { cookieOf, GRANT, startTicketApp, type TicketApp, type TicketAppParts } from './support/ticket-app.js';

describe.each(PLATFORMS)('while the store of tickets is away, on %s', (platform) => {
  let store: ShakyStore;
  let app: TicketApp;

  beforeEach(() => {
    store = new ShakyStore();
  });

  afterEach(() => app.close());

  const start = async ({ sse, ...parts }: TicketAppParts = {}) => {
    app = await startTicketApp(platform, { ...parts, sse: { ...sse, retryMs: 1000, tickets: { store } } });
  };

  it('a page is turned away such that EventSource comes back, with a new ticket and with its cookie', async () => {
    await start({ configure: (nest) => nest.enableCors({ origin: ['https://shop.example'], credentials: true }) });
    const [fresh, used] = [await app.urlFor(), await app.urlFor()];
    const first = await app.open(used);
    await first.untilText('hello');
    store.isAway = true;
    for (const [url, cookie] of [
      [fresh, ''],
      [used, cookieOf(first)],
    ] as const) {
      const away = await openRaw(app.port, url, { headers: { Cookie: cookie, Origin: 'https://shop.example' } });
      expect(await away.untilEnd()).toMatch(/^retry: \d+\n\n$/);
      expect(away.status).toBe(200);
      expect(away.headers).toMatchObject({
        'content-type': 'text/event-stream; charset=utf-8',
        'access-control-allow-origin': 'https://shop.example',
      });
      expect(away.headers).not.toHaveProperty('set-cookie');
    }
    expect(app.holders).toHaveLength(1);
    expect(app.app.get(SseStreamRegistry).count).toBe(1);
    store.isAway = false;
    await (await app.open(fresh)).untilText('hello');
    await (await app.open(used, cookieOf(first))).untilText('hello');
  });

  it('gets 503 with the option refuseWith', async () => {
    await start({ sse: { shutdown: { refuseWith: 'status' } } });
    const url = await app.urlFor();
    store.isAway = true;
    const refused = await app.open(url);
    await refused.untilEnd();
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toMatch(/^\d+$/);
    expect(refused.json).toMatchObject({ code: 'SSE_CAPACITY' });
  });

  it('none is issued, and nothing revoked', async () => {
    await start();
    store.isAway = true;
    const failure = { code: 'SSE_TICKET_STORE', cause: { message: 'no connection' } };
    await expect(app.tickets.issue(GRANT)).rejects.toMatchObject(failure);
    await expect(app.tickets.revoke('7')).rejects.toMatchObject(failure);
  });

  it('says so once, and once that it is back', async () => {
    const lines: string[] = [];
    const note = (text: unknown, ...rest: unknown[]) => void (rest.at(-1) === 'SseTickets' && lines.push(String(text)));
    const logger: LoggerService = { log: note, error: note, warn: note };
    await start({ configure: (nest) => nest.useLogger(logger) });
    const url = await app.urlFor();
    for (let round = 1; round <= 2; round++) {
      store.isAway = true;
      for (let n = 0; n < 3; n++) await (await app.open(url)).untilEnd();
      store.isAway = false;
      (await app.open(await app.urlFor())).leave();
    }
    expect(lines).toEqual(
      Array(2)
        .fill([expect.stringMatching(/^Streams with tickets are turned away.*: no connection$/), expect.any(String)])
        .flat(),
    );
  });

  it('whoever is in already is looked at once more, and that fails rather than answers', async () => {
    const contexts: ExecutionContext[] = [];
    await start({ route: { onOpen: ({ executionContext }) => void contexts.push(executionContext!) } });
    const stream = await app.open(await app.urlFor());
    await stream.untilText('hello');
    const guard = app.app.get(SseTicketGuard);
    expect(await guard.canActivate(contexts[0]!)).toBe(true);
    store.isAway = true;
    await expect(guard.canActivate(contexts[0]!)).rejects.toMatchObject({ code: 'SSE_TICKET_STORE' });
    store.isAway = false;
    await app.tickets.revoke('8');
    expect(await guard.canActivate(contexts[0]!)).toBe(true);
    await app.tickets.revoke('7');
    await expect(guard.canActivate(contexts[0]!)).rejects.toMatchObject({ code: 'SSE_TICKET', status: 401 });
    expect(stream.closed).toBe(false);
  });

  it('a request that somebody else has answered meanwhile is left alone', async () => {
    const errors: unknown[] = [];
    const note = (...texts: unknown[]) => void errors.push(texts.at(-1));
    await start({
      configure(nest) {
        nest.useLogger({ log: () => {}, warn: () => {}, error: note });
        nest.use((_request: unknown, response: ServerResponse, next: () => void) => {
          store.onFailing = () => response.writeHead(504).end('too late');
          next();
        });
      },
    });
    const url = await app.urlFor();
    store.isAway = true;
    const answered = await app.open(url);
    expect([answered.status, await answered.untilEnd()]).toEqual([504, 'too late']);
    // That the store is away, and nothing of a response that was sent already.
    expect(errors).toEqual(['SseTickets']);
  });

  it('it is let go of once, with the application', async () => {
    await start();
    expect(store.closed).toBe(0);
    await app.close();
    expect(store.closed).toBe(1);
  });
});
