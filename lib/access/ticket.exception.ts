import { UnauthorizedException } from '@nestjs/common';
import { SSE_ERROR_BRAND } from '../protocol/internal.js';

/**
 * A request that no ticket lets in: status 401. It is the same for a ticket that is missing, made up, used, expired, revoked or
 * for another path, so that nobody learns which.
 */
export class SseTicketException extends UnauthorizedException {
  readonly [SSE_ERROR_BRAND] = true;
  readonly code = 'SSE_TICKET';

  constructor() {
    super({ statusCode: 401, message: 'This stream needs a new ticket', code: 'SSE_TICKET' });
  }
}
