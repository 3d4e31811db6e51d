export { SseConnectError, type SseConnectFailure } from './connect.error.js';
export type {
  SseConnectionOutcome,
  SseConnectionPhase,
  SseConnectionState,
  SseOutcomeKind,
} from './connection-state.js';
export { SseReceiverService } from './receiver.service.js';
export type { SseAttemptContext, SseHeadersFactory, SseReceiverOptions } from './receiver-options.js';
export type { SseRequestHeaders } from './request-headers.js';
export type { SseStatusPolicy } from './response-verdict.js';
export { BackoffRetryPolicy, type RetryContext, type RetryPolicy, type SseRetryOptions } from './retry-policy.js';
export { type SseMessageHandler, SseSubscription } from './subscription.js';
