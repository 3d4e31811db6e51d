import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { filter, firstValueFrom, lastValueFrom } from 'rxjs';
import { FileCursorStore, SseModule, SseReceiverService } from '../../lib/index.js';
import { deferred } from '../pusher/support/deferred.js';
import { eventually } from '../pusher/support/eventually.js';
import { cursorStoreContract } from '../receiver/cursor-store-contract.js';
import { AT_ONCE, data, entered, failureOf, take } from '../receiver/support/consumers.js';
import { answer, ScriptedServer, stream, streamAndEnd } from '../receiver/support/scripted-server.js';
import { frame, type SourceApp, startModules } from '../sources/support/source-app.js';
import './examples/order-import.mock.js';
import { BillingModule, DeadInvoices, Invoices } from './examples/billing.module.js';
import { ConnectionHealth } from './examples/connection-health.js';
import { FeedsService } from './examples/feeds.service.js';
import { OrderImport } from './examples/order-import.js';
import { PartnerService } from './examples/partner.service.js';
import { SqlCursorStore } from './examples/sql-cursor-store.js';
import { SteadyPolicy } from './examples/steady-policy.js';
import { Stock, StockModule } from './examples/stock.module.js';
import { TicksService } from './examples/ticks.service.js';
import { CursorTable } from './support/cursor-table.js';

describe('examples of the docs on receiving', () => {
  let server: ScriptedServer;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    server = await ScriptedServer.start();
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await receiver.onModuleDestroy();
    await server.close();
  });

  const price = (price: number) => `data: {"price":${price}}\n\n`;

  describe('consuming', () => {
    it('by a loop ends with the loop', async () => {
      server.script(stream(price(1), price(5), price(9)));
      const found = await new TicksService(receiver).firstAbove(server.url, 3);
      expect(found?.data).toBe('{"price":5}');
      await server.deserted();
    });

    it('by a handler takes one message after the other, until the server says that there is no more', async () => {
      server.script(streamAndEnd('retry: 0\n', price(1), price(2)), answer(204));
      jest.spyOn(Math, 'random').mockReturnValue(0);
      const saved: number[] = [];
      await new TicksService(receiver).saveAll(server.url, async ({ price }, signal) => {
        signal.throwIfAborted();
        saved.push(price);
      });
      expect(saved).toEqual([1, 2]);
    });

    it('by an Observable draws what is newest', async () => {
      server.script(stream(price(1), price(2), price(3), price(4)));
      const drawn: number[] = [];
      const last = deferred();
      const drawing = new TicksService(receiver)
        .drawNewest(server.url, async ({ price }) => {
          drawn.push(price);
          if (price === 4) last.resolve();
        })
        .subscribe();
      await last.promise;
      expect(drawn).toEqual([1, 4]); // what came in one piece came while the first was drawn
      drawing.unsubscribe();
    });

    it('is watched by a health check', async () => {
      server.script(stream(price(1)), answer(503), answer(404));
      const subscription = receiver.subscribe(server.url, { retry: AT_ONCE });
      const health = new ConnectionHealth(subscription);
      expect(health.problem).toBe('not connected yet');
      const problems: unknown[] = [];
      const ended = lastValueFrom(subscription.state$);
      subscription.state$.subscribe(() => problems.push(health.problem));
      const processing = subscription.process(async () => {
        server.responses[0]?.destroy();
      });
      await failureOf(processing);
      await ended;
      expect(new Set(problems)).toEqual(
        new Set([
          'not connected yet',
          undefined,
          'network, connection 1 lost in a row',
          'http, connection 2 lost in a row',
          `GET ${server.url} was answered with status 404`,
        ]),
      );
    });
  });

  describe('retries', () => {
    it('follow a policy of your own', () => {
      const policy = new SteadyPolicy();
      const outcome = { kind: 'http', attempt: 1, status: 503 } as const;
      jest.spyOn(Math, 'random').mockReturnValue(0.5);
      expect(policy.nextDelayMs({ attempt: 1, elapsedMs: 0, outcome })).toBe(5_000);
      expect(policy.nextDelayMs({ attempt: 1, elapsedMs: 0, serverDelayMs: 60_000, outcome })).toBe(61_000);
      expect(policy.nextDelayMs({ attempt: 900, elapsedMs: 3_600_001, outcome })).toBeUndefined();
      const lost = { kind: 'network', attempt: 900 } as const;
      expect(policy.nextDelayMs({ attempt: 900, elapsedMs: 3_600_001, outcome: lost })).toBe(5_000);
    });

    it('fetch another token when one is refused, and keep one that works', async () => {
      server.script(stream(price(1)), answer(401), stream(price(2)));
      let fetched = 0;
      const partner = new PartnerService(receiver, { fetch: async () => `token ${++fetched}` });
      expect(data(await take(partner.follow(server.url), 1))).toEqual(['{"price":1}']);
      expect(data(await take(partner.follow(server.url), 1))).toEqual(['{"price":2}']);
      expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
        'Bearer token 1',
        'Bearer token 1',
        'Bearer token 2',
      ]);
    });
  });

  describe('cursors', () => {
    it('let an import go on in another process, with what was not finished', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'sse-docs-'));
      server.script(streamAndEnd(frame(1, 'order', '"tea"'), frame(2, 'order', '"milk"')), answer(204));
      const imported: Record<string, unknown> = {};
      const run = (insertOnce: (key: string, order: unknown) => Promise<void>) =>
        new OrderImport(receiver, new FileCursorStore(directory), { insertOnce }).run(server.url, { retry: AT_ONCE });
      const crashing = run(async (key, order) => {
        if (key === '2') throw new Error('out of memory');
        imported[key] = order;
      });
      expect((await failureOf(crashing)).message).toBe('out of memory');
      expect(imported).toEqual({ 1: 'tea' });

      server.script(answer(500), streamAndEnd(frame(2, 'order', '"milk"')), answer(204));
      await run(async (key, order) => {
        imported[key] ??= order;
      });
      expect(server.requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '1', '2']);
      expect(imported).toEqual({ 1: 'tea', 2: 'milk' });
      await rm(directory, { recursive: true });
    });
  });

  describe('sources', () => {
    let running: SourceApp;

    afterEach(() => running.close());

    it('have methods called, failures kept, and the rest passed over', async () => {
      process.env['BILLING_URL'] = server.url;
      server.script(
        stream(
          frame(1, 'invoice.paid', '{"id":"a"}'),
          frame(2, 'invoice.paid', 'no JSON'),
          frame(3, 'invoice.archived', '{"id":"b"}'),
          frame(4, 'invoice.sent', '{"id":"c"}'),
        ),
      );
      running = await startModules({ imports: [BillingModule] });
      const invoices = running.app.get(Invoices);
      await eventually(() => invoices.states.has('c'));
      await running.close();
      expect(running.app.get(DeadInvoices).kept).toEqual(['2: Invoices.markPaid failed 2 times']);
      expect([...invoices.states]).toEqual([
        ['a', 'paid'],
        ['c', 'invoice.sent'],
      ]);
    });

    it('come from the configuration of a feature, too', async () => {
      process.env['STOCK_URL'] = server.url;
      server.script(stream(frame(1, 'counted', '{"tea":2}')));
      running = await startModules({ imports: [StockModule, SseModule.forRoot()] });
      await entered(running.source('stock'), 'open');
      await eventually(() => 'tea' in running.app.get(Stock).levels);
      await running.close();
      expect(running.app.get(Stock).levels).toEqual({ tea: 2 });
    });
  });

  describe('feeds that users name', () => {
    it.each([
      ['http://feeds.example/', 'is refused by the option allow'],
      ['https://127.1/', 'is refused by the option allow'],
      ['https://[::1]/', 'is refused by the option allow'],
      ['https://localhost/', 'localhost is an address inside'],
    ])('never reach %s', async (url, why) => {
      jest.spyOn(Math, 'random').mockReturnValue(0);
      const feeds = new FeedsService(receiver);
      const feed = feeds.follow(url);
      const waiting = firstValueFrom(
        feed.state$.pipe(filter(({ phase }) => phase === 'waiting' || phase === 'closed')),
      );
      const reading = take(feed, 1).catch(() => {});
      const { outcome } = (await waiting) as { outcome: { error: Error } };
      expect(outcome.error.message).toContain(why);
      await feed.close();
      await reading;
      await feeds.onApplicationShutdown();
    });
  });
});

const tables = { current: new CursorTable() };
cursorStoreContract('SqlCursorStore of the docs', {
  reset() {
    tables.current = new CursorTable();
  },
  open: () => new SqlCursorStore(tables.current),
});
