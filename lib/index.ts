// module

// messages
export type {
  SseCommentMessage,
  SseMessage,
  SseMessageOf,
  StandardSchemaIssue,
  StandardSchemaResult,
  StandardSchemaV1,
} from './protocol/index.js';
// errors
export {
  isSseError,
  ReceivedMessage,
  SseDecodeError,
  type SseDecodeErrorReason,
  SseError,
  SseInvalidMessageError,
  SseJsonError,
  type SseJsonErrorReason,
  type SseMessageField,
  type SseOptionProblem,
  SseOptionsError,
} from './protocol/index.js';
// pushing
export {
  LastEventId,
  type NestMessageEvent,
  Pusher,
  SseCapacityException,
  type SseCloseReason,
  type SseErrorHandler,
  type SseErrorListener,
  type SseHandlerResult,
  type SseItem,
  SseModuleMissingError,
  SseOverflowError,
  SsePusher,
  SsePusherFactory,
  type SseShutdownOptions,
  type SseSource,
  SseSourceError,
  SseStream,
  type SseStreamClosed,
  type SseStreamDecorator,
  type SseStreamInfo,
  type SseStreamOptions,
  SseStreamRegistry,
  type SseStreamState,
} from './pusher/index.js';
// receiving
export {
  BackoffRetryPolicy,
  type RetryContext,
  type RetryPolicy,
  type SseAttemptContext,
  SseConnectError,
  type SseConnectFailure,
  type SseConnectionOutcome,
  type SseConnectionPhase,
  type SseConnectionState,
  type SseHeadersFactory,
  type SseMessageHandler,
  type SseOutcomeKind,
  type SseReceiverOptions,
  SseReceiverService,
  type SseRequestHeaders,
  type SseRetryOptions,
  type SseStatusPolicy,
  SseSubscription,
} from './receiver/index.js';
export { SseModule } from './sse.module.js';
export type { SseModuleInput, SseModuleOptions, SseOptionsFactory } from './sse-options.js';
