import { assertOptions } from '../protocol/internal.js';
import type { ApiSseStreamOptions } from './api-sse-stream-options.js';
import { findApiProblems } from './check-api-options.js';
import { describeStream } from './describe-stream.js';

/**
 * Describes a stream in the documents of `@nestjs/swagger`: a response 200 of `text/event-stream` with the schema of its
 * events. Stands above or below `@SseStream()`; also on a method that makes its stream by `SsePusherFactory`. Whatever
 * else `@nestjs/swagger` has for a method works as ever, `@ApiExcludeEndpoint()` included.
 *
 * @throws SseOptionsError at start-up, for options that cannot be used
 *
 * @example
 * ```ts
 * class Orders { @SseStream('orders') @ApiSseStream({ events: { created: OrderDto, deleted: DeletedDto } })
 *   follow() { return this.channels.subscribe('orders'); }
 * }
 * ```
 */
export function ApiSseStream(options: ApiSseStreamOptions = {}): MethodDecorator {
  assertOptions(findApiProblems(options));
  return (target, method, descriptor) => describeStream(target, method, descriptor, options);
}
