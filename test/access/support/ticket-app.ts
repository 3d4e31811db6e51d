import { Body, Controller, type INestApplication, Post, type Provider, UseGuards } from '@nestjs/common';
import {
  type SseModuleOptions,
  SseStream,
  type SseStreamOptions,
  SseTicket,
  type SseTicketGrant,
  SseTicketGuard,
  type SseTicketHolder,
  SseTickets,
} from '../../../lib/index.js';
import { type PlatformOrAdapter, startApp, type TestApp } from '../../pusher/support/platforms.js';
import { openRaw, type RawStream } from '../../pusher/support/raw-client.js';

export interface TicketApp extends TestApp {
  readonly tickets: SseTickets;
  /** Who came in, one for each stream. */
  readonly holders: SseTicketHolder[];
  /** The URL for a page. */
  urlFor(grant?: Partial<SseTicketGrant>): Promise<string>;
  /** Opens a stream as a browser does. */
  open(url: string, cookie?: string): Promise<RawStream>;
}

export interface TicketAppParts {
  readonly sse?: SseModuleOptions;
  readonly route?: SseStreamOptions;
  readonly configure?: (app: INestApplication) => unknown;
  readonly providers?: Provider[];
}

export const GRANT: SseTicketGrant = { path: '/orders/stream', subject: '7', claims: { shop: 'tea' } };

/** An application whose `GET /orders/stream` is for those who have a ticket, and says hello to them. */
export async function startTicketApp(
  platform: PlatformOrAdapter,
  { sse, route, configure, providers = [] }: TicketAppParts = {},
): Promise<TicketApp> {
  const holders: SseTicketHolder[] = [];

  @Controller('orders')
  class OrdersController {
    @SseStream('stream', route)
    @UseGuards(SseTicketGuard)
    all(@SseTicket() holder: SseTicketHolder) {
      return this.hello(holder);
    }

    @SseStream(':shop/stream', route)
    @UseGuards(SseTicketGuard)
    ofShop(@SseTicket() holder: SseTicketHolder) {
      return this.hello(holder);
    }

    @Post('stream')
    @UseGuards(SseTicketGuard)
    post(@Body() body: unknown): unknown {
      return body;
    }

    private async *hello(holder: SseTicketHolder) {
      holders.push(holder);
      yield `hello ${holder.subject}`;
      await new Promise(() => {});
    }
  }

  const app = await startApp(platform, {
    controllers: [OrdersController],
    providers,
    sse: { retryMs: false, pingMs: 0, ...sse },
    ...(configure && { configure }),
  });
  const tickets = app.app.get(SseTickets);
  return {
    ...app,
    tickets,
    holders,
    urlFor: async (grant) => (await tickets.issue({ ...GRANT, ...grant })).url,
    open: (url, cookie) => openRaw(app.port, url, { headers: cookie === undefined ? {} : { Cookie: cookie } }),
  };
}

/** What a browser would send back. */
export function cookieOf({ headers }: RawStream): string {
  return (headers['set-cookie'] ?? []).map((each) => each.split(';', 1)[0]).join('; ');
}
