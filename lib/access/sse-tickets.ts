import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { assertOptions } from '../protocol/internal.js';
import type { PusherRuntime } from '../pusher/index.js';
import { TicketBook } from './ticket-book.js';
import { TicketDoor, type TicketRequest } from './ticket-door.js';
import { findGrantProblems, type SseTicketGrant } from './ticket-grant.js';
import type { SseTicketOptions } from './ticket-options.js';
import { type TicketSettings, ticketSettings } from './ticket-settings.js';

/** What a page is given to open its stream with. */
export interface SseIssuedTicket {
  /** For the query of the stream's URL. To be told to the page alone, and never logged. */
  readonly ticket: string;
  /** Path and query for `new EventSource()`, as the browser knows them. */
  readonly url: string;
  /** For how many milliseconds it can be redeemed. */
  readonly ttlMs: number;
}

/**
 * Tickets for pages, whose `EventSource` cannot send the header that the rest of the application asks for. A route behind your
 * own guard issues one; `SseTicketGuard` on the stream's route redeems it once, for a cookie that lets the page's reconnects
 * in. Injectable.
 *
 * @example
 * ```ts
 * class Orders { @Post('ticket') @UseGuards(BearerGuard)
 *   ticket(@Req() { user }: { user: User }) {
 *     return this.tickets.issue({ path: '/orders/stream', subject: user.id, until: user.tokenEnds });
 *   }
 * }
 * ```
 */
export class SseTickets implements OnApplicationShutdown {
  readonly #settings: TicketSettings;
  readonly #book: TicketBook;
  readonly #door: TicketDoor;
  #shallWarn: boolean;

  /** @internal */
  constructor(options: SseTicketOptions | undefined, runtime: PusherRuntime, hasBackplane: boolean) {
    this.#settings = ticketSettings(options);
    this.#book = new TicketBook(this.#settings);
    this.#door = new TicketDoor(this.#settings, this.#book, runtime);
    this.#shallWarn = hasBackplane && options?.store === undefined;
  }

  /**
   * Gives a ticket for one stream. It is good once, for `ttlMs`.
   *
   * @throws SseOptionsError (as a rejection) for a grant that cannot be used
   * @throws SseTicketStoreError (as a rejection) when the store fails
   */
  async issue(grant: SseTicketGrant): Promise<SseIssuedTicket> {
    assertOptions(findGrantProblems(grant));
    this.#warnOnce();
    const ticket = await this.#book.issue(grant);
    const { basePath, parameter, ttlMs } = this.#settings;
    return { ticket, url: `${basePath}${grant.path}?${parameter}=${ticket}`, ttlMs };
  }

  /**
   * Ends everything that a subject was issued so far, on all instances: tickets that wait, and sessions, so that streams do not
   * come back. Streams that are open stay open: close those with `SseStreamRegistry`, after this.
   *
   * @throws SseOptionsError (as a rejection) for what is no subject
   * @throws SseTicketStoreError (as a rejection) when the store fails; then nothing is sure to have ended
   */
  async revoke(subject: string): Promise<void> {
    assertOptions(findGrantProblems({ path: '/', subject }));
    await this.#book.revoke(subject);
  }

  /** @internal For the guard. */
  admit(request: TicketRequest, response: unknown): Promise<void> {
    return this.#door.admit(request, response);
  }

  /** Called by Nest after the HTTP server has closed, so that nobody asks any more. */
  async onApplicationShutdown(): Promise<void> {
    await this.#settings.store.close?.();
  }

  #warnOnce(): void {
    if (this.#shallWarn) {
      this.#shallWarn = false;
      const advice = 'give the option tickets.store, or a ticket is good only at the instance that has issued it';
      new Logger('SseTickets').warn(
        `Tickets are kept in the memory of this process, but a backplane joins several: ${advice}`,
      );
    }
  }
}
