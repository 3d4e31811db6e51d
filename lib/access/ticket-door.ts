import { Logger } from '@nestjs/common';
import type { PusherRuntime } from '../pusher/index.js';
import { HttpExchange, OutageLog, refuseStream } from '../pusher/internal.js';
import { SseTicketException } from './ticket.exception.js';
import type { TicketBook, TicketRecord } from './ticket-book.js';
import { cookieName, formatCookie, readCookie, surplusCookies } from './ticket-cookie.js';
import type { SseTicketHolder } from './ticket-holder.js';
import { onlyParameter, requestPath } from './ticket-path.js';
import { isSecret, sessionKey } from './ticket-secrets.js';
import type { TicketSettings } from './ticket-settings.js';
import { SseTicketStoreError } from './ticket-store.error.js';

/** What is read of a request of Express or Fastify, and where it is left whom it comes from. */
export interface TicketRequest {
  readonly method: string;
  readonly url: string;
  /** As the browser has sent it, before a router or a rewrite has changed it. */
  readonly originalUrl?: string;
  readonly headers: { readonly cookie?: string };
  sseTicket?: SseTicketHolder;
}

/** A session that lets in. */
interface Admission {
  readonly record: TicketRecord;
  readonly key: string;
}

/** Decides whom a ticket lets in, and whom the cookie that it has become. */
export class TicketDoor {
  readonly #logger = new Logger('SseTickets');
  readonly #outage = new OutageLog(this.#logger, 'Tickets can be looked up again');
  /** The sessions of requests that were let in, for those who ask once more while the stream is open. */
  readonly #sessions = new WeakMap<TicketRequest, string>();

  constructor(
    private readonly settings: TicketSettings,
    private readonly book: TicketBook,
    private readonly runtime: PusherRuntime,
  ) {}

  /**
   * Lets a request in, and leaves on it from whom it comes. Where the store is away it answers the request itself, such that
   * `EventSource` comes back, and never settles: nobody else has anything to do with it.
   *
   * @throws SseTicketException for whoever has nothing that lets in
   * @throws SseCapacityException while the store is away, with `shutdown.refuseWith: 'status'`
   * @throws SseTicketStoreError while the store is away, when a request is looked at once more
   */
  async admit(request: TicketRequest, response: unknown): Promise<void> {
    const session = this.#sessions.get(request);
    if (session !== undefined) {
      this.#expect(await this.book.find(session, pathOf(request)), request);
      return;
    }
    const exchange = new HttpExchange(request, response);
    try {
      const { record, key } = this.#expect(await this.#enter(request, exchange), request);
      this.#outage.worked();
      this.#sessions.set(request, key);
      this.#letIn(request, record);
    } catch (error) {
      if (!(error instanceof SseTicketStoreError)) throw error;
      this.#outage.failed(`Streams with tickets are turned away for now: ${error.message}`);
      this.#turnAway(exchange);
      await new Promise<never>(() => {});
    }
  }

  async #enter(request: TicketRequest, exchange: HttpExchange): Promise<Admission | undefined> {
    const ticket = onlyParameter(targetOf(request), this.settings.parameter);
    // Only what opens a stream: a HEAD of whoever looks at links must not use a ticket up.
    if (request.method !== 'GET' || !isSecret(ticket)) {
      return undefined;
    }
    const secret = readCookie(request.headers.cookie, cookieName(ticket, this.settings.secure));
    return secret === undefined ? this.#redeem(ticket, request, exchange) : this.#comeBack(ticket, secret, request);
  }

  async #redeem(ticket: string, request: TicketRequest, exchange: HttpExchange): Promise<Admission | undefined> {
    const path = pathOf(request);
    const begun = await this.book.redeem(ticket, path);
    if (begun) {
      const { secure, basePath } = this.settings;
      const shared = { path: basePath + path, secure };
      for (const name of surplusCookies(request.headers.cookie)) {
        exchange.appendCookie(formatCookie({ ...shared, name, value: '', maxAgeMs: 0 }));
      }
      const name = cookieName(ticket, secure);
      exchange.appendCookie(formatCookie({ ...shared, name, value: begun.secret, maxAgeMs: begun.lifeMs }));
    }
    return begun;
  }

  async #comeBack(ticket: string, secret: string, request: TicketRequest): Promise<Admission | undefined> {
    const key = sessionKey(ticket, secret);
    const record = await this.book.find(key, pathOf(request));
    return record && { record, key };
  }

  #expect<T>(found: T | undefined, request: TicketRequest): T {
    if (found === undefined) {
      // Without the query: a ticket that was refused may be one that somebody has not redeemed yet.
      const why = 'the ticket is missing, used, expired, revoked or for another path';
      this.#logger.debug(`Nobody was let in to ${pathOf(request)}: ${why}`);
      throw new SseTicketException();
    }
    return found;
  }

  #letIn(request: TicketRequest, { subject, claims, until }: TicketRecord): void {
    const holder: SseTicketHolder = Object.freeze({ subject, claims, until });
    request.sseTicket = holder;
    this.settings.attach(request, holder);
  }

  #turnAway(exchange: HttpExchange): void {
    if (!exchange.gone && !exchange.answered) {
      const { settings, shutdown, services } = this.runtime;
      const why = 'Tickets cannot be looked up now, try again later';
      const refusal = { status: 503, why, refuseWith: shutdown.refuseWith } as const;
      refuseStream(exchange, settings, refusal, shutdown, services.random);
    }
  }
}

function targetOf({ originalUrl, url }: TicketRequest): string {
  return originalUrl ?? url;
}

function pathOf(request: TicketRequest): string {
  return requestPath(targetOf(request));
}
