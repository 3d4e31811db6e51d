import { NotAcceptableException } from '@nestjs/common';
import { SSE_ERROR_BRAND } from '../protocol/internal.js';

/**
 * A request for a stream whose `Accept` header leaves no room for one, with the option `requireAccept`: status 406, thrown
 * before the stream opens, so that exception filters see it like any other.
 */
export class SseNotAcceptableException extends NotAcceptableException {
  readonly [SSE_ERROR_BRAND] = true;
  readonly code = 'SSE_NOT_ACCEPTABLE';

  constructor() {
    const message = 'This is a stream of events: ask for it with Accept: text/event-stream';
    super({ statusCode: 406, message, code: 'SSE_NOT_ACCEPTABLE' });
  }
}
