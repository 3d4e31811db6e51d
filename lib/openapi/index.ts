/**
 * Streams in the documents of `@nestjs/swagger`.
 *
 * @module nestjs-event-stream/openapi
 */

export { ApiSseStream } from './api-sse-stream.decorator.js';
export type { ApiSseStreamOptions, SseEventData } from './api-sse-stream-options.js';
export { describeSseStreams } from './describe-sse-streams.js';
