import { SseError } from '../protocol/index.js';

/** The store of tickets did not do what it was asked for; see the cause. Nobody was let in because of it. */
export class SseTicketStoreError extends SseError {
  readonly code = 'SSE_TICKET_STORE';

  constructor(what: string, cause: unknown) {
    const said = cause instanceof Error ? cause.message : String(cause);
    super(`The store of tickets could not ${what}, try again later: ${said}`, { cause });
  }
}
