export { SseBackplaneError, type SseBackplaneErrorReason } from './backplane.error.js';
export type {
  BackplaneHistory,
  BackplaneReceiver,
  ChannelEnd,
  ChannelStart,
  OutgoingMessage,
  PlacedMessage,
  SseBackplane,
  SseBackplaneHealth,
} from './backplane.js';
export { SseChannelError, type SseChannelProblem } from './channel.error.js';
export type { SseChannelStats, SseCloseOptions, SsePublishOptions } from './channel-api.js';
export type { SseChannelEvent } from './channel-events.js';
export { ChannelHub } from './channel-hub.js';
export { ChannelLifecycle } from './channel-lifecycle.js';
export type { ChannelMessage, PublishedMessage, SseSnapshot } from './channel-message.js';
export { REVOCATIONS } from './channel-name.js';
export type { ChannelObserver } from './channel-observer.js';
export { SseChannelSubscription } from './channel-subscription.js';
export { backplane, findChannelProblems } from './check-channel-options.js';
export { ControlChannel } from './control-channel.js';
export { findCursorProblems, positionsFor, type SseCursorOptions } from './cursor-options.js';
export type { SseGapReason } from './gap-reason.js';
export {
  findHistoryProblems,
  HistoryPolicy,
  type SseChannelHistory,
  type SseHistoryOptions,
} from './history-options.js';
export { MemoryBackplane } from './memory-backplane.js';
export { SseChannel } from './sse-channel.js';
export { SseChannels } from './sse-channels.js';
export type { SseChannelOptions, SseSnapshotContext, SseSubscribeOptions } from './subscribe-options.js';
