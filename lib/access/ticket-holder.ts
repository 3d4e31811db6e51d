import type { SseTicketClaims } from './ticket-grant.js';

/** Whom a ticket has let in: `request.sseTicket`, and what `@SseTicket()` gives. */
export interface SseTicketHolder<Claims = SseTicketClaims> {
  readonly subject: string;
  /** What `issue()` was given, after it was JSON. */
  readonly claims: Claims;
  /** When the token ends that the ticket was given for, in milliseconds since 1970, if `issue()` was told. */
  readonly until: number | undefined;
}
