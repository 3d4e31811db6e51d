import type { SseTicketHolder } from './ticket-holder.js';
import type { SseTicketStore } from './ticket-store.js';

/** The option `tickets` of `SseModule.forRoot()`. */
export interface SseTicketOptions {
  /** Where tickets and sessions are kept. Default: the memory of this process, which is for one instance. */
  readonly store?: SseTicketStore | undefined;
  /** For how many milliseconds a ticket can be redeemed. At least 1000; default 30,000. */
  readonly ttlMs?: number | undefined;
  /**
   * For how many milliseconds after that its stream may come back, however often. They are not renewed: then the page asks
   * for another ticket. At least 1000; default 8 hours.
   */
  readonly sessionMs?: number | undefined;
  /** The parameter of the query that holds a ticket. Default `ticket`. */
  readonly parameter?: string | undefined;
  /**
   * Whether cookies are for https alone. Chromium and Firefox take localhost for it, too; `false` is for development with
   * other browsers. Default true, also behind a proxy that speaks http to the application.
   */
  readonly secure?: boolean | undefined;
  /** What a proxy takes off the front of paths, such as `/api`: browsers send cookies by the path that they know. Default none. */
  readonly basePath?: string | undefined;
  /** Told whom a ticket has let in, to put that where handlers look for it, besides `request.sseTicket`. Default: nothing. */
  readonly attach?: ((request: any, holder: SseTicketHolder) => void) | undefined;
}
