import { HttpException } from '@nestjs/common';
import { SSE_ERROR_BRAND } from '../protocol/internal.js';

/**
 * A stream that was refused with a status: 429 for one over a limit of its client, 503 over one of the server, while the
 * application shuts down, or while what the stream needs is away. Thrown before the stream opens, so that exception filters see
 * it like any other; the response carries `Retry-After`.
 */
export class SseCapacityException extends HttpException {
  readonly [SSE_ERROR_BRAND] = true;
  readonly code = 'SSE_CAPACITY';

  constructor(
    status: 429 | 503,
    message: string,
    /** Whole seconds after which the client should come back. */
    readonly retryAfterSeconds: number,
  ) {
    super({ statusCode: status, message, code: 'SSE_CAPACITY' }, status);
  }
}
