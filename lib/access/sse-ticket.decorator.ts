import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { SseTicketHolder } from './ticket-holder.js';

/** Whom the ticket has let in, on a route with `SseTicketGuard`: an {@link SseTicketHolder}, elsewhere `undefined`. */
export const SseTicket = createParamDecorator((_data: unknown, context: ExecutionContext) => {
  return context.switchToHttp().getRequest<{ sseTicket?: SseTicketHolder }>().sseTicket;
});
