import { UnauthorizedException } from '@nestjs/common';
import { SSE_ERROR_BRAND } from '../protocol/internal.js';

/**
 * A request for a stream whose time is over by what the option `reauthorize.until` says: status 401, thrown before the stream
 * opens, so that exception filters see it like any other.
 */
export class SseExpiredException extends UnauthorizedException {
  readonly [SSE_ERROR_BRAND] = true;
  readonly code = 'SSE_EXPIRED';

  constructor() {
    const message = 'What this request is authorized by has expired: authorize anew, and come back';
    super({ statusCode: 401, message, code: 'SSE_EXPIRED' });
  }
}
