import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { EventSource } from 'eventsource';
import { isSseError, SseChannels, type SseModuleOptions } from '../../lib/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { stopClock } from '../pusher/support/fake-clock.js';
import { PLATFORMS, startApp, startBareApp, type TestApp, type TestAppParts } from '../pusher/support/platforms.js';
import { openRaw, type RawStream } from '../pusher/support/raw-client.js';
import { RawSocket } from '../pusher/support/raw-socket.js';
import { BuildsModule } from './examples/builds.module.js';
import { CartsController } from './examples/carts.controller.js';
import { ChannelMetrics } from './examples/channel-metrics.js';
import { MatchController } from './examples/match.controller.js';
import { OrdersController, OrdersModule } from './examples/orders.module.js';
import { Presence, PresenceModule } from './examples/presence.module.js';
import { PricesController } from './examples/prices.controller.js';
import { QuotesController } from './examples/quotes.controller.js';
import { countWords } from './examples/worker.js';
import { lastIdIn, messagesIn } from './support/messages-in.js';
import { blocksOf } from './support/pages.js';

describe.each(PLATFORMS)('examples of the docs on %s', (platform) => {
  let app: TestApp;

  afterEach(() => app.close());

  /** For examples without a module of their own. */
  async function start(parts: TestAppParts, sse: SseModuleOptions = {}): Promise<SseChannels> {
    app = await startApp(platform, { ...parts, sse: { retryMs: 60, ...sse } });
    return app.app.get(SseChannels);
  }

  async function startModule(parts: TestAppParts): Promise<SseChannels> {
    app = await startBareApp(platform, parts);
    return app.app.get(SseChannels);
  }

  function open(path: string, headers: Record<string, string> = {}): Promise<RawStream> {
    return openRaw(app.port, path, { headers });
  }

  function resume(path: string, lastEventId: string): Promise<RawStream> {
    return open(path, { 'Last-Event-ID': lastEventId });
  }

  describe('channels', () => {
    it('publish to those who follow one order, or several, and end with a last message', async () => {
      const channels = await startModule({ imports: [OrdersModule] });
      const orders = app.app.get(OrdersController);
      const one = await open('/orders/1');
      const both = await open('/orders?of=1,2');
      await Promise.all([one.untilText('id: '), both.untilText('id: ')]);
      await orders.pay('2', 20);
      const paid = await orders.pay('1', 10);
      await orders.channelOf('1').publish({ event: 'packed', data: { by: 'me' } });
      await channels.broadcast({ event: 'notice', data: 'closed on Sunday' });
      await orders.ship('1', 'A');
      await orders.ship('2', 'B');
      expect(messagesIn(await one.untilEnd())).toEqual([
        'paid: {"amount":10}',
        'packed: {"by":"me"}',
        'notice: closed on Sunday',
        'shipped: {"parcel":"A"}',
      ]);
      expect(messagesIn(await both.untilEnd())).toEqual([
        'paid: {"amount":20}',
        'paid: {"amount":10}',
        'shipped: {"parcel":"A"}',
        'shipped: {"parcel":"B"}',
      ]);

      const late = await resume('/orders/1', paid);
      expect(messagesIn(await late.untilEnd()).at(-1)).toBe('shipped: {"parcel":"A"}');
      for (const again of [await resume('/orders/1', lastIdIn(late.text)), await open('/orders/1')]) {
        expect(again.status).toBe(204);
      }
      const refused = await orders.pay('1', 1).catch((error: unknown) => error);
      expect(isSseError(refused) && [refused.code, refused]).toEqual([
        'SSE_CHANNEL',
        expect.objectContaining({ problem: 'closed', channel: 'order:1' }),
      ]);
    });
  });

  describe('replay', () => {
    it('gives a new reader the whole log, and one that comes back what it has missed', async () => {
      const channels = await startModule({ imports: [BuildsModule] });
      const ids: string[] = [];
      for (let line = 0; line < 1500; line++) {
        ids.push(await channels.publish('log:7', `line ${line}`));
      }
      const reader = await open('/builds/7/log');
      await reader.untilText('data: line 1499\n\n');
      expect(messagesIn(reader.text)).toHaveLength(1500);
      reader.leave();
      const back = await resume('/builds/7/log', ids[1497]!);
      await channels.publish('log:7', 'line 1500');
      await back.untilText('data: line 1500\n\n');
      expect(messagesIn(back.text)).toEqual(['message: line 1498', 'message: line 1499', 'message: line 1500']);
      back.leave();

      await channels.publish('load:7', '0.5');
      expect(channels.localStats()).toContainEqual({ channel: 'load:7', subscribers: 0, messages: 0, bytes: 0 });
    });

    it('begins with the cart, goes on with its changes, and does not repeat the cart to whoever can resume', async () => {
      await start({ controllers: [CartsController] });
      const carts = app.app.get(CartsController);
      await carts.set('1', 'tea', 2);
      const first = await open('/carts/1');
      await first.untilText('event: cart');
      await carts.set('1', 'tea', 3);
      await first.untilText('"quantity":3}\n\n');
      expect(messagesIn(first.text)).toEqual(['cart: {"tea":2}', 'item: {"item":"tea","quantity":3}']);
      first.leave();

      await carts.set('1', 'milk', 1);
      const back = await resume('/carts/1', lastIdIn(first.text));
      await back.untilText('milk');
      expect(messagesIn(back.text)).toEqual(['item: {"item":"milk","quantity":1}']);
      back.leave();

      const lost = await resume('/carts/1', 'of something else');
      await lost.untilText('event: cart\ndata: {"tea":3,"milk":1}\n\n');
      expect(messagesIn(lost.text)[0]).toBe('gap: {"lastEventId":"of something else","reason":"malformed"}');
      lost.leave();
    });

    it('counts every goal once, whenever somebody comes in', async () => {
      await start({ controllers: [MatchController] });
      const match = app.app.get(MatchController);
      const opening: Promise<RawStream>[] = [];
      for (let n = 0; n < 40; n++) {
        opening.push(open('/match'));
        const [goal] = [match.goal('home'), match.goal('away')];
        await (n % 2 ? goal : opening[n]);
      }
      const streams = await Promise.all(opening);
      await match.goal('away');
      for (const stream of streams) {
        const total = (text: string) => {
          const [score, ...goals] = messagesIn(text);
          const counted = JSON.parse(score!.slice('score: '.length));
          return { home: counted.home + count(goals, 'goal: home'), away: counted.away + count(goals, 'goal: away') };
        };
        await stream.until((text) => text.includes('score') && total(text).away >= 41);
        expect(total(stream.text)).toEqual({ home: 40, away: 41 });
        stream.leave();
      }
    });

    it('has no gap for whoever comes to a match that nobody has followed for long', async () => {
      stopClock();
      try {
        const channels = await start({ controllers: [MatchController] });
        const match = app.app.get(MatchController);
        await match.goal('home');
        for (let seconds = 0; seconds < 900; seconds += 10) {
          jest.advanceTimersByTime(10_000);
          await channels.publish('other', 'something');
        }
        const stream = await open('/match');
        await match.goal('away');
        await stream.untilText('data: away\n\n');
        expect(messagesIn(stream.text)).toEqual(['score: {"home":1,"away":0}', 'goal: away']);
        stream.leave();
      } finally {
        jest.useRealTimers();
      }
    });
  });

  describe('gaps', () => {
    const forgetful = { history: { events: 2 } };

    it('are told before anything else, and once', async () => {
      await start({ controllers: [PricesController] }, forgetful);
      const prices = app.app.get(PricesController);
      const first = await open('/prices/changes');
      await first.untilText('id: ');
      const seen = lastIdIn(first.text);
      first.leave();
      for (const price of [1, 2, 3]) {
        await prices.set('tea', price);
      }
      const back = await resume('/prices/changes', seen);
      await back.untilText('"price":3}\n\n');
      expect(messagesIn(back.text)).toEqual([
        `gap: {"lastEventId":"${seen}","reason":"expired"}`,
        'price: {"product":"tea","price":2}',
        'price: {"product":"tea","price":3}',
      ]);
      const afterGap = /id: (.*)\nevent: gap/.exec(back.text)![1]!;
      back.leave();
      const again = await resume('/prices/changes', afterGap);
      await again.untilText('"price":3}\n\n');
      expect(messagesIn(again.text)).toHaveLength(2);
      again.leave();
    });

    it('are none of a quiet channel, however much was published elsewhere', async () => {
      const channels = await start({ controllers: [PricesController] }, forgetful);
      const prices = app.app.get(PricesController);
      await prices.set('tea', 1);
      const seen = await channels.publish('prices', 'newest');
      for (let n = 0; n < 100; n++) {
        await channels.publish('other', `${n}`);
      }
      const back = await resume('/prices/changes', seen);
      await prices.set('tea', 2);
      await back.untilText('"price":2}\n\n');
      expect(messagesIn(back.text)).toEqual(['price: {"product":"tea","price":2}']);
      back.leave();
    });

    it('are judged by the clock where a channel was dropped', async () => {
      stopClock();
      try {
        const channels = await start({ controllers: [PricesController] });
        const ids = [await channels.publish('prices', 'long ago')];
        for (let seconds = 0; seconds < 900; seconds += 10) {
          jest.advanceTimersByTime(10_000);
          ids.push(await channels.publish('other', 'something'));
        }
        expect(channels.has('prices')).toBe(false);
        const recent = await resume('/prices/changes', ids.at(-28)!); // of less than five minutes ago
        const old = await resume('/prices/changes', ids[0]!);
        await channels.publish('prices', 'now');
        await Promise.all([recent.untilText('data: now\n\n'), old.untilText('data: now\n\n')]);
        expect(messagesIn(recent.text)).toEqual(['message: now']);
        expect(messagesIn(old.text)).toEqual([`gap: {"lastEventId":"${ids[0]}","reason":"expired"}`, 'message: now']);
        recent.leave();
        old.leave();
      } finally {
        jest.useRealTimers();
      }
    });

    it('follow a restart, for the ids of before', async () => {
      const before = await start({ controllers: [PricesController] });
      const id = await before.publish('prices', 'before');
      await app.close();
      const after = await start({ controllers: [PricesController] });
      await after.publish('prices', 'kept');
      const back = await resume('/prices/changes', id);
      await back.untilText('data: kept\n\n');
      expect(messagesIn(back.text)).toEqual([`gap: {"lastEventId":"${id}","reason":"foreign"}`, 'message: kept']);
      back.leave();
    });

    it('make a browser load the state again, and lose no change while it loads', async () => {
      await start({ controllers: [PricesController] }, { ...forgetful, shutdown: { spreadMs: 0 } });
      const prices = app.app.get(PricesController);
      const origin = `http://127.0.0.1:${app.port}`;
      await prices.set('tea', 1);
      const page = openPage('docs/channels/gaps.md', origin);
      await eventually(() => page.loads === 1);
      await prices.set('tea', 2);
      await eventually(() => page.shown['tea'] === 2);

      app.app.getHttpServer().closeAllConnections();
      await Promise.all([3, 4, 5].map((price) => prices.set('milk', price)));
      await prices.set('tea', 6);
      await prices.set('rice', 7);
      await eventually(() => page.loads === 2 && page.shown['rice'] === 7);
      await prices.set('tea', 8);
      await eventually(() => page.shown['tea'] === 8);
      expect(page.shown).toEqual({ milk: 5, rice: 7, tea: 8 });
      page.close();
    });
  });

  describe('slow readers', () => {
    it('that come back get the newest quote of each symbol, and whatever has no key', async () => {
      await start({ controllers: [QuotesController] });
      const quotes = app.app.get(QuotesController);
      const reader = await open('/quotes');
      await reader.untilText('id: ');
      await quotes.quote('A', 0);
      await quotes.quote('A', 1);
      await reader.untilText('"price":1}\n\n');
      expect(messagesIn(reader.text)).toHaveLength(2);
      reader.leave();
      for (let price = 2; price < 100; price++) {
        await quotes.quote(price % 2 ? 'A' : 'B', price);
        if (price === 50) {
          await quotes.halt('A');
        }
      }
      const back = await resume('/quotes', lastIdIn(reader.text));
      await back.untilText('"price":99}\n\n');
      expect(messagesIn(back.text)).toEqual([
        'halt: {"symbol":"A"}',
        'quote: {"symbol":"B","price":98}',
        'quote: {"symbol":"A","price":99}',
      ]);
      back.leave();
    });

    /** A client that has stopped to read, and what was published meanwhile: more than any socket holds. */
    async function publishToSleeper(path: string, publish: (n: number) => Promise<unknown>): Promise<RawSocket> {
      const sleeper = (await RawSocket.connect(app.port)).get(path);
      await sleeper.untilText('id: ');
      sleeper.pause();
      for (let n = 0; n < 1000; n++) {
        await publish(n);
      }
      sleeper.resume();
      return sleeper;
    }

    /** Looks at the newest part alone, for there may be much in front of it. */
    function untilLast(sleeper: RawSocket): Promise<string> {
      return sleeper.until((text) => text.includes('data: 999 ', text.length - 100_000));
    }

    it('that fall behind get the newest quote of each symbol', async () => {
      const channels = await start(
        { controllers: [QuotesController] },
        { history: { events: 10_000, bytes: 100_000_000 } },
      );
      const text = 'x'.repeat(16_000);
      const sleeper = await publishToSleeper('/quotes', (n) =>
        channels.publish('quotes', `${n} ${text}`, { key: 'A' }),
      );
      await untilLast(sleeper);
      const received = [...sleeper.text.matchAll(/^data: (\d+) /gm)].map(([, n]) => Number(n));
      expect(received).toEqual([...received].sort((a, b) => a - b));
      expect(received.length).toBeLessThan(900);
      expect(sleeper.text).not.toContain('event: gap');
      sleeper.leave();
    });

    it('that are outrun are told of a gap, and go on with what is kept', async () => {
      const channels = await start({ controllers: [PricesController], providers: [ChannelMetrics] });
      const text = 'x'.repeat(16_000);
      const sleeper = await publishToSleeper('/prices/changes', (n) => channels.publish('prices', `${n} ${text}`));
      await untilLast(sleeper);
      const gap = sleeper.text.indexOf('event: gap');
      const [before, after] = [sleeper.text.slice(0, gap), sleeper.text.slice(gap)].map((part) =>
        [...part.matchAll(/^data: (\d+) /gm)].map(([, n]) => Number(n)),
      );
      expect(before).toEqual(before!.map((_, n) => n));
      expect(after).toEqual(after!.map((_, n) => 1000 - after!.length + n));
      expect(before!.length + after!.length).toBeLessThan(1000);
      const metrics = app.app.get(ChannelMetrics);
      expect([metrics.published, metrics.gaps, metrics.subscribers]).toEqual([1000, { expired: 1 }, 1]);
      sleeper.leave();
      await eventually(() => metrics.subscribers === 0);
    });
  });

  describe('presence', () => {
    it('tells who is in a room, by user and not by tab', async () => {
      await startModule({
        imports: [PresenceModule],
        configure: (nest) =>
          nest.useGlobalGuards({
            canActivate(context) {
              const request = context.switchToHttp().getRequest();
              request.user = request.headers['x-user'];
              return true;
            },
          }),
      });
      const presence = app.app.get(Presence);
      const enter = async (user: string) => {
        const stream = await open('/rooms/1', { 'X-User': user });
        await stream.untilText('event: present');
        return stream;
      };
      const ann = await enter('ann');
      const bob = await enter('bob');
      await ann.untilText('event: joined');
      const tab = await enter('bob');
      expect(messagesIn(tab.text)).toEqual(['present: ["ann","bob"]']);
      bob.leave();
      await eventually(() => app.app.get(SseChannels).localStats()[0]?.subscribers === 2);
      expect(presence.who('room:1')).toEqual(['ann', 'bob']);
      tab.leave();
      await ann.untilText('event: left');
      expect(messagesIn(ann.text)).toEqual(['present: ["ann"]', 'joined: bob', 'left: bob']);
      ann.leave();
      await eventually(() => presence.who('room:1').length === 0);
    });
  });
});

describe('a worker without a server', () => {
  it('publishes, and follows what it publishes', async () => {
    expect(await countWords(['one two', 'three', ''])).toEqual([2, 1, 1]);
  });
});

function count(messages: readonly string[], message: string): number {
  return messages.filter((each) => each === message).length;
}

/** Runs the one script of a page as a browser would, with its own `loadPrices` and `showPrice`. */
function openPage(path: string, origin: string) {
  const [script, ...others] = blocksOf(path, 'js');
  expect(others).toEqual([]);
  const sources: EventSource[] = [];
  const page = {
    loads: 0,
    shown: {} as Record<string, number>,
    close() {
      for (const source of sources) {
        source.close();
      }
    },
  };
  class PageEventSource extends EventSource {
    constructor(url: string) {
      super(origin + url);
      sources.push(this);
    }
  }
  const loadPrices = async () => {
    page.shown = (await (await fetch(`${origin}/prices`)).json()) as Record<string, number>;
    page.loads++;
  };
  const showPrice = ({ product, price }: { product: string; price: number }) => {
    page.shown[product] = price;
  };
  new Function('EventSource', 'loadPrices', 'showPrice', script!)(PageEventSource, loadPrices, showPrice);
  return page;
}
