import { afterEach, describe, expect, it } from '@jest/globals';
import type { INestApplication, LoggerService } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { readRaw } from '../pusher/support/raw-client.js';
import { cookieOf, GRANT, startTicketApp, type TicketApp, type TicketAppParts } from './support/ticket-app.js';

const REFUSAL = { statusCode: 401, message: 'This stream needs a new ticket', code: 'SSE_TICKET' };
const NEVER_GIVEN = 'A'.repeat(43);

describe.each(PLATFORMS)('a ticket on %s', (platform) => {
  let app: TicketApp;

  afterEach(() => app?.close());

  const start = async (parts?: TicketAppParts) => {
    app = await startTicketApp(platform, parts);
  };

  /** Opens and leaves. @returns what a browser would send back */
  async function redeem(url: string): Promise<string> {
    const stream = await app.open(url);
    expect(stream.status).toBe(200);
    stream.leave();
    return cookieOf(stream);
  }

  async function expectRefused(url: string, cookie?: string): Promise<void> {
    const refused = await app.open(url, cookie);
    await refused.untilEnd();
    expect(refused.status).toBe(401);
    expect(refused.json).toEqual(REFUSAL);
    expect(refused.headers).not.toHaveProperty('set-cookie');
  }

  it('lets a page in, and its reconnects by a cookie that only they send', async () => {
    await start();
    const issued = await app.tickets.issue(GRANT);
    expect(issued).toEqual({
      ticket: expect.stringMatching(/^[\w-]{43}$/),
      url: `/orders/stream?ticket=${issued.ticket}`,
      ttlMs: 30_000,
    });
    const first = await app.open(issued.url);
    await first.untilText('data: hello 7\n\n');
    expect(first.headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^__Secure-sse-[\w-]{16}=[\w-]{43}; Path=\/orders\/stream; Max-Age=28800; HttpOnly; SameSite=Strict; Secure$/,
      ),
    ]);
    expect(first.headers['set-cookie']![0]).not.toContain(issued.ticket);
    first.leave();
    for (let n = 0; n < 3; n++) {
      const again = await app.open(issued.url, `theme=dark; ${cookieOf(first)}; lang=de`);
      await again.untilText('data: hello 7\n\n');
      expect(again.headers).not.toHaveProperty('set-cookie');
      again.leave();
    }
    expect(app.holders).toEqual(Array(4).fill({ subject: '7', claims: { shop: 'tea' }, until: undefined }));
  });

  it('is good once: of all that come with it, one gets in', async () => {
    await start();
    const url = await app.urlFor();
    const streams = await Promise.all(Array.from({ length: 12 }, () => app.open(url)));
    expect(streams.map(({ status }) => status).sort()).toEqual([200, ...Array(11).fill(401)]);
    for (const stream of streams) stream.leave();
  });

  it.each<[string, (ticket: string) => string]>([
    ['missing', () => ''],
    ['empty', () => '?ticket='],
    ['made up', () => `?ticket=${NEVER_GIVEN}`],
    ['too short', (ticket) => `?ticket=${ticket.slice(1)}`],
    ['too long', (ticket) => `?ticket=${ticket}${'A'.repeat(4000)}`],
    ['with a space', (ticket) => `?ticket=%20${ticket}`],
    ['there twice', (ticket) => `?ticket=${ticket}&ticket=${ticket}`],
    ['there twice, once encoded', (ticket) => `?ticket=${NEVER_GIVEN}&%74icket=${ticket}`],
    ['in an array', (ticket) => `?ticket[]=${ticket}`],
    ['in another parameter', (ticket) => `?Ticket=${ticket}`],
    ['broken', () => '?ticket=%ff%'],
  ])('that is %s is refused, and one that was not looked at is still good', async (_what, query) => {
    await start();
    const { ticket, url } = await app.tickets.issue(GRANT);
    await expectRefused(`/orders/stream${query(ticket)}`);
    await redeem(url);
  });

  it.each(['/orders/tea/stream', '/orders/stream/', '/Orders/stream', '/orders//stream', '/orders/%73tream'])(
    'is refused at %s, which is not its path, and is good nowhere after that',
    async (path) => {
      await start();
      const { ticket, url } = await app.tickets.issue(GRANT);
      const refused = await app.open(`${path}?ticket=${ticket}`);
      await refused.untilEnd();
      // Some of these are no route on one of the platforms.
      expect([401, 404]).toContain(refused.status);
      if (refused.status === 401) await expectRefused(url);
    },
  );

  it('is bound to one path of a route that has many', async () => {
    await start();
    const { ticket, url } = await app.tickets.issue({ ...GRANT, path: '/orders/gr%C3%BCn/stream' });
    const stream = await app.open(url);
    await stream.untilText('hello');
    stream.leave();
    expect(stream.headers['set-cookie']![0]).toContain('; Path=/orders/gr%C3%BCn/stream;');
    await expectRefused(`/orders/tea/stream?ticket=${ticket}`, cookieOf(stream));
    await (await app.open(url, cookieOf(stream))).untilText('hello');
  });

  it.each(['HEAD', 'POST'])('is not used up by a %s', async (method) => {
    await start();
    const url = await app.urlFor();
    expect((await readRaw(app.port, url, { method })).status).toBe(401);
    await redeem(url);
  });

  it.each<[string, (cookie: string) => string]>([
    ['of another browser', () => ''],
    ['with another value', (cookie) => cookie.replace(/=.*/, `=${NEVER_GIVEN}`)],
    ['with more', (cookie) => `${cookie}A`],
    ['in quotes', (cookie) => cookie.replace(/=(.*)/, '="$1"')],
    ['there twice', (cookie) => `${cookie}; ${cookie}`],
    ['there twice, once made up', (cookie) => `${cookie}; ${cookie.replace(/=.*/, '=x')}`],
    ['under another name', (cookie) => cookie.replace('__Secure-', '')],
    ['without a name', (cookie) => cookie.replace(/.*=/, '')],
  ])('does not let a page come back with a cookie %s', async (_what, change) => {
    await start();
    const url = await app.urlFor();
    const cookie = await redeem(url);
    await expectRefused(url, change(cookie));
    await (await app.open(url, cookie)).untilText('hello');
  });

  it('and its cookie are nothing without each other', async () => {
    await start();
    const [mine, other] = [await app.urlFor(), await app.urlFor()];
    const cookies = [await redeem(mine), await redeem(other)];
    await expectRefused('/orders/stream', cookies[0]);
    await expectRefused(mine, cookies[1]);
    await expectRefused(mine, cookies[0]!.replace(/=.*/, cookies[1]!.replace(/.*=/, '=')));
    await expectRefused(`/orders/stream?ticket=${NEVER_GIVEN}`, cookies[0]);
    // A browser sends those of all tabs.
    await (await app.open(mine, cookies.join('; '))).untilText('hello');
  });

  it('says the same to keys, to attach() and to the handler', async () => {
    const attached: unknown[] = [];
    await start({
      route: {
        keys: ({ sseTicket, user }) => ({ subject: sseTicket.subject, user }),
        onOpen: ({ keys }) => void attached.push(keys),
      },
      sse: {
        tickets: {
          attach(request, { subject }) {
            request.user = `user-${subject}`;
          },
        },
      },
    });
    const until = new Date(Date.now() + 60_000);
    const claims = { roles: ['reader'], at: new Date(0), name: 'Zoë \ud800' };
    const stream = await app.open(await app.urlFor({ claims, until }));
    await stream.untilText('hello');
    expect(attached).toEqual([{ subject: '7', user: 'user-7' }]);
    expect(app.holders).toEqual([
      { subject: '7', claims: { ...claims, at: '1970-01-01T00:00:00.000Z' }, until: +until },
    ]);
    expect(stream.headers['set-cookie']![0]).toMatch(/; Max-Age=(59|60);/);
  });

  it('is refused when the token is over for which it was given', async () => {
    await start();
    await expectRefused(await app.urlFor({ until: Date.now() - 1 }));
  });

  it('ends with all others of its subject, and those that are issued after that are good', async () => {
    await start();
    const [used, unused, others] = [await app.urlFor(), await app.urlFor(), await app.urlFor({ subject: '8' })];
    const [cookie, cookieOfOther] = [await redeem(used), await redeem(others)];
    await app.tickets.revoke('7');
    await expectRefused(used, cookie);
    await expectRefused(unused);
    await (await app.open(others, cookieOfOther)).untilText('hello 8');
    const later = await app.urlFor();
    const cookieOfLater = await redeem(later);
    await (await app.open(later, cookieOfLater)).untilText('hello 7');
    await app.tickets.revoke('7');
    await expectRefused(later, cookieOfLater);
  });

  it('has the names and the lifetimes that the options say', async () => {
    await start({
      sse: { tickets: { parameter: 'pass', secure: false, basePath: '/api', sessionMs: 90_000, ttlMs: 5000 } },
    });
    const { ticket, url, ttlMs } = await app.tickets.issue(GRANT);
    expect({ url, ttlMs }).toEqual({ url: `/api/orders/stream?pass=${ticket}`, ttlMs: 5000 });
    // The proxy takes /api off.
    const behindProxy = url.replace('/api', '');
    const stream = await app.open(behindProxy);
    expect(stream.headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^sse-[\w-]{16}=[\w-]{43}; Path=\/api\/orders\/stream; Max-Age=90; HttpOnly; SameSite=Strict$/,
      ),
    ]);
    await (await app.open(behindProxy, cookieOf(stream))).untilText('hello');
  });

  it('goes by the path that the browser knows, where the application rewrites it', async () => {
    const rewrite = (url = '') => url.replace(/^\/v1\//, '/');
    app = await startTicketApp(
      platform === 'fastify'
        ? new FastifyAdapter({ rewriteUrl: (request: { url?: string }) => rewrite(request.url) })
        : platform,
      {
        configure(nest: INestApplication) {
          if (platform === 'express') {
            nest.use((request: { url: string }, _response: unknown, next: () => void) => {
              request.url = rewrite(request.url);
              next();
            });
          }
        },
      },
    );
    const stream = await app.open(await app.urlFor({ path: '/v1/orders/stream' }));
    await stream.untilText('hello');
    expect(stream.headers['set-cookie']![0]).toContain('; Path=/v1/orders/stream;');
    await expectRefused((await app.urlFor({ path: '/v1/orders/stream' })).replace('/v1', ''));
  });

  it('leaves the cookies alone that others set, and these leave its own alone', async () => {
    await start({
      route: { headers: { 'Set-Cookie': 'route=3' } },
      configure(nest: INestApplication) {
        nest.use((_request: unknown, response: any, next: () => void) => {
          response.appendHeader('Set-Cookie', 'raw=1; Path=/');
          next();
        });
        nest.useGlobalGuards({
          canActivate(context) {
            const response = context.switchToHttp().getResponse();
            if (platform === 'fastify') response.header('Set-Cookie', 'own=2');
            else response.cookie('own', '2');
            return true;
          },
        });
      },
    });
    const stream = await app.open(await app.urlFor());
    const names = stream.headers['set-cookie']!.map((each) => each.split('=', 1)[0]);
    expect(names).toEqual(['raw', 'own', expect.stringMatching(/^__Secure-sse-/), 'route']);
  });

  it('lets the browser keep sixteen cookies for a path, and forget the oldest', async () => {
    await start();
    const jar: string[] = [];
    for (let n = 0; n < 20; n++) {
      const stream = await app.open(await app.urlFor(), [...jar, 'sse-mine=1'].join('; '));
      for (const line of stream.headers['set-cookie']!) {
        const [pair, , age] = line.split('; ');
        if (age === 'Max-Age=0')
          jar.splice(
            jar.findIndex((each) => each.startsWith(pair!)),
            1,
          );
        else jar.push(pair!);
      }
      stream.leave();
    }
    expect(jar).toHaveLength(16);
    expect(new Set(jar).size).toBe(16);
  });

  it('is never logged', async () => {
    const lines: string[] = [];
    const note = (...texts: unknown[]) => void lines.push(texts.join(' '));
    const logger: LoggerService = { log: note, error: note, warn: note, debug: note, verbose: note };
    await start({ configure: (nest) => nest.useLogger(logger) });
    const { ticket, url } = await app.tickets.issue(GRANT);
    const cookie = await redeem(url);
    await expectRefused(url);
    await expectRefused(url, cookie.replace(/=.*/, `=${NEVER_GIVEN}`));
    expect(lines.filter((line) => line.includes('Nobody was let in to /orders/stream:')).length).toBe(2);
    const secrets = [ticket, cookie.replace(/.*=/, ''), NEVER_GIVEN];
    expect(lines.filter((line) => secrets.some((secret) => line.includes(secret)))).toEqual([]);
  });
});
