import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Header,
  Inject,
  Injectable,
  Post,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import {
  SseChannels,
  SseStream,
  SseTicket,
  SseTicketGuard,
  type SseTicketHolder,
  SseTickets,
} from 'nestjs-event-stream';
import { redisBackplane, redisTicketStore } from 'nestjs-event-stream/redis';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { Front } from '../../sample/src/cluster/front.js';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { describeWithOwnRedis } from '../redis/support/redis-describe.js';
import { RedisServer } from '../redis/support/redis-server.js';
import { canBrowse, launchChromium } from '../sample/support/chromium.js';

jest.setTimeout(60_000);

/** What the page does, as docs/production/tickets.md has it. */
const PAGE = `<!doctype html><title>Orders</title><script>
  const seen = [];
  let asked = 0, source, closed = false;
  async function ask() {
    asked++;
    const answer = await fetch('/orders/ticket', { method: 'POST', headers: { Authorization: 'Bearer alice' } });
    if (!answer.ok) { closed = true; return; }
    const { url } = await answer.json();
    source = new EventSource(url);
    source.onmessage = ({ data }) => seen.push(data);
    source.onerror = () => source.readyState === EventSource.CLOSED && ask();
  }
</script>`;

/** As if whoever has the bearer token logs out: it is refused from then on. */
const loggedOut = new Set<string>();

@Injectable()
class BearerGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest();
    const user = /^Bearer (\w+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (!user || loggedOut.has(user)) throw new UnauthorizedException();
    request.user = user;
    return true;
  }
}

(canBrowse() ? describeWithOwnRedis : describe.skip)('a tab with a ticket, in Chromium', () => {
  let browser: Browser;
  let redis: RedisServer;

  beforeAll(async () => {
    browser = await launchChromium();
    redis = await RedisServer.start();
  });

  afterAll(() => browser.close());

  describe.each(PLATFORMS)('over two instances on %s', (platform) => {
    let instances: TestApp[];
    let front: Front;
    let url: string;
    let context: BrowserContext;
    let page: Page;
    /** Which instance was asked for a stream, and whether the browser sent a cookie. */
    let asked: string[];

    async function startInstance(name: string): Promise<TestApp> {
      @Controller('orders')
      class OrdersController {
        constructor(
          @Inject(SseTickets) private readonly tickets: SseTickets,
          @Inject(SseChannels) private readonly channels: SseChannels,
        ) {}

        @Post('ticket')
        @UseGuards(BearerGuard)
        ticket() {
          return this.tickets.issue({ path: '/orders/stream', subject: 'alice' });
        }

        @SseStream('stream', { retryMs: 20 })
        @UseGuards(SseTicketGuard)
        @Header('X-By', name)
        stream(@SseTicket() { subject }: SseTicketHolder) {
          return this.channels.subscribe(`orders:${subject}`, { replay: 'all' });
        }
      }
      const connection = { url: redis.url };
      return startApp(platform, {
        controllers: [OrdersController],
        sse: { backplane: redisBackplane(connection), tickets: { store: redisTicketStore(connection) } },
        configure(nest) {
          nest.enableCors({ origin: /./, credentials: true });
          nest.use((request: any, _response: unknown, next: () => void) => {
            const { pathname } = new URL(request.originalUrl ?? request.url, 'http://any');
            if (pathname === '/orders/stream')
              asked.push(`${name}: ${/sse-/.test(request.headers.cookie ?? '') ? 'cookie' : 'no cookie'}`);
            next();
          });
          nest.getHttpAdapter().get('/', (_request: unknown, response: any) => {
            response.header('Content-Type', 'text/html').send(PAGE);
          });
        },
      });
    }

    beforeEach(async () => {
      asked = [];
      loggedOut.clear();
      await redis.cli('FLUSHALL');
      instances = [await startInstance('one'), await startInstance('two')];
      front = new Front(instances.map(({ port }) => ({ url: `http://127.0.0.1:${port}` })));
      url = await front.listen(0, '127.0.0.1');
      context = await browser.newContext();
      page = await context.newPage();
      await page.goto(url);
    });

    afterEach(async () => {
      await context.close();
      front.close();
      for (const { close } of instances) await close();
    });

    const evaluate = <T>(expression: string) => page.evaluate<T>(expression);
    const publish = (text: string) => instances[0]!.app.get(SseChannels).publish('orders:alice', text);
    const seen = (count: number) => page.waitForFunction(`seen.length >= ${count}`);

    function cut(): void {
      for (const { app } of instances) app.getHttpServer().closeAllConnections();
    }

    it('comes back by its cookie to whichever instance, misses nothing, and needs one ticket', async () => {
      await evaluate('ask()');
      await publish('0');
      await seen(1);
      expect(await context.cookies(`${url}/orders/stream`)).toEqual([
        expect.objectContaining({ path: '/orders/stream', httpOnly: true, secure: true, sameSite: 'Strict' }),
      ]);
      expect(await context.cookies(`${url}/orders/ticket`)).toEqual([]);
      expect(await evaluate('document.cookie')).toBe('');
      for (let n = 1; n <= 4; n++) {
        cut();
        await publish(`${n}`);
        await seen(n + 1);
      }
      expect(await evaluate('seen.join()')).toBe('0,1,2,3,4');
      expect(await evaluate('asked')).toBe(1);
      expect(asked.slice(1).every((line) => line.endsWith(': cookie'))).toBe(true);
      expect(new Set(asked.map((line) => line.split(':')[0])).size).toBe(2);
    });

    it('gets in with its own cookie, beside another tab of the same user', async () => {
      await evaluate('ask()');
      const other = await context.newPage();
      await other.goto(url);
      await other.evaluate('ask()');
      await publish('0');
      await seen(1);
      await other.waitForFunction('seen.length >= 1');
      cut();
      await publish('1');
      await seen(2);
      await other.waitForFunction('seen.length >= 2');
      expect(await context.cookies(`${url}/orders/stream`)).toHaveLength(2);
      expect([await evaluate('asked'), await other.evaluate('asked')]).toEqual([1, 1]);
    });

    it('asks for another ticket when its session is over, and is out for good when its user is', async () => {
      await evaluate('ask()');
      await publish('0');
      await seen(1);
      await instances[1]!.app.get(SseTickets).revoke('alice');
      cut();
      await page.waitForFunction('asked === 2');
      await publish('1');
      await page.waitForFunction('seen.includes("1")');
      loggedOut.add('alice');
      await instances[0]!.app.get(SseTickets).revoke('alice');
      cut();
      await page.waitForFunction('closed');
      expect(await evaluate('[asked, source.readyState].join()')).toBe('3,2');
    });

    it('is refused from a page of another site, which is sent no cookie, though it knows the URL', async () => {
      const pages: Server = createServer((_request, response) =>
        response.setHeader('Content-Type', 'text/html').end('x'),
      );
      await once(pages.listen(0, '127.0.0.1'), 'listening');
      try {
        await evaluate('ask()');
        await publish('0');
        await seen(1);
        const used = await evaluate<string>('source.url');
        const foreign = await context.newPage();
        // An address and a name are two sites.
        await foreign.goto(`http://localhost:${(pages.address() as AddressInfo).port}`);
        const before = asked.length;
        const outcome = await foreign.evaluate(`new Promise((resolve) => {
          const source = new EventSource(${JSON.stringify(used)}, { withCredentials: true });
          source.onopen = () => resolve('open');
          source.onerror = () => resolve('refused: ' + source.readyState);
        })`);
        expect(outcome).toBe('refused: 2');
        await eventually(() => asked.length > before);
        expect(asked.slice(before)).toEqual([expect.stringMatching(/: no cookie$/)]);
      } finally {
        pages.closeAllConnections();
        pages.close();
      }
    });
  });
});
