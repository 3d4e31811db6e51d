import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { SseTickets } from './sse-tickets.js';

/**
 * Lets pages into a stream that have a ticket of `SseTickets.issue()` in their URL, once, and then their reconnects, by the
 * cookie that they got for it: HttpOnly, SameSite=Strict, for the stream's path alone, and good only together with that URL.
 * What the ticket was issued with is in `request.sseTicket`, for the option `keys`, and in `@SseTicket()`.
 *
 * Listed in `reauthorize`, it tells whether the session is still good, and so ends streams whose subject was revoked.
 *
 * @throws SseTicketException (401) for everybody else
 *
 * @example
 * ```ts
 * class Orders { @SseStream('stream', { keys: ({ sseTicket }) => ({ user: sseTicket.subject }) })
 *   @UseGuards(SseTicketGuard)
 *   stream(@SseTicket() { subject }: SseTicketHolder) {
 *     return this.channels.subscribe(`orders:${subject}`);
 *   }
 * }
 * ```
 */
@Injectable()
export class SseTicketGuard implements CanActivate {
  constructor(@Inject(SseTickets) private readonly tickets: SseTickets) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    await this.tickets.admit(http.getRequest(), http.getResponse());
    return true;
  }
}
