import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type LastEventIdSource, readLastEventId } from './read-last-event-id.js';
import { markStreamParameter } from './stream-parameters.js';
import { STREAM_DEFAULTS } from './stream-settings.js';

const FromRequest = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const request = context.switchToHttp().getRequest<LastEventIdSource>();
  return readLastEventId(request, STREAM_DEFAULTS.maxLastEventIdBytes);
});

/**
 * The id of the last event that the client has seen, from the header `Last-Event-ID`, else from the query parameter
 * `lastEventId`; `undefined` on a first connect. The peer can send what it likes: at most `maxLastEventIdBytes` (1 KiB;
 * outside `@SseStream()` always so) of valid text arrive here, and whether the id was ever issued is yours to check.
 *
 * @example
 * ```ts
 * class News { @SseStream('news')
 *   since(@LastEventId() lastEventId?: string) { return this.news.since(lastEventId); }
 * }
 * ```
 */
export function LastEventId(): ParameterDecorator {
  const fromRequest = FromRequest();
  return (target, method, index) => {
    fromRequest(target, method, index);
    markStreamParameter(target, method!, index, 'lastEventId');
  };
}
