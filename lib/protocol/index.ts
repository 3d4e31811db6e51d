/**
 * The `text/event-stream` codec alone: no Nest, no rxjs, no npm package.
 *
 * @module nestjs-event-stream/protocol
 */

// Messages

export type { SseCommentMessage, SseMessage, SseMessageOf } from './message.js';
export { ReceivedMessage } from './received-message.js';
export type { StandardSchemaIssue, StandardSchemaResult, StandardSchemaV1 } from './standard-schema.js';

// Writing

export { encodeMessage } from './encode-message.js';
export { formatMessage } from './format-message.js';
export type { SseSerialize } from './serialize.js';
export { writeMessage } from './write-message.js';

// Reading

export type { ByteStream } from './byte-reader.js';
export type { SseDecoderOptions, SseDecodingOptions } from './decoder-options.js';
export { type ReadMessagesOptions, readMessages } from './read-messages.js';
export { SseDecoder } from './sse-decoder.js';

// Operating

export { detectBuffering } from './detect-buffering.js';

// Headers

export { EVENT_STREAM_HEADERS, isEventStream } from './headers.js';
export { decodeLastEventId, encodeLastEventId } from './last-event-id.js';

// Errors

export { SseDecodeError, type SseDecodeErrorReason } from './decode.error.js';
export { SseInvalidMessageError, type SseMessageField } from './invalid-message.error.js';
export { SseJsonError, type SseJsonErrorReason } from './json.error.js';
export { type SseOptionProblem, SseOptionsError } from './options.error.js';
export { SseProbeError } from './probe.error.js';
export { isSseError, SseError } from './sse-error.js';
export { SseWriteError } from './write.error.js';
