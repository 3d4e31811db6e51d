export { SseBacklogError } from './backlog.error.js';
export type { SseConcatMapOptions } from './concat-map.js';
export { SseConnectError, type SseConnectFailure } from './connect.error.js';
export type {
  SseConnectionOutcome,
  SseConnectionPhase,
  SseConnectionState,
  SseOutcomeKind,
} from './connection-state.js';
export { SseCursorError, type SseCursorErrorReason } from './cursor.error.js';
export type { SseCursorStore, SseStoredCursor } from './cursor-store.js';
export { SseDecompressError, type SseDecompressErrorReason } from './decompress.error.js';
export { FileCursorStore } from './file-cursor-store.js';
export { MemoryCursorStore } from './memory-cursor-store.js';
export { SseReceiverService } from './receiver.service.js';
export type { ObservedSubscription, ReceiverObserver, SubscriptionObserver } from './receiver-observer.js';
export type {
  SseAttemptContext,
  SseHeadersFactory,
  SsePerAttempt,
  SseReceiverOptions,
  SseRequestBody,
  SseUrlFactory,
} from './receiver-options.js';
export type { SseRequestHeaders } from './request-headers.js';
export type { SseStatusPolicy } from './response-verdict.js';
export { BackoffRetryPolicy, type RetryContext, type RetryPolicy, type SseRetryOptions } from './retry-policy.js';
export { type SseMessageHandler, SseSubscription } from './subscription.js';
