export { findLimitProblems } from './check-limit-options.js';
export type { SseKeyLimit, SseLimitOptions, SseShedOptions } from './limit-options.js';
export { LOAD_PROBE, type LoadProbe, NodeLoadProbe } from './load-probe.js';
export { StreamLimiter } from './stream-limiter.js';
export { SseStreamRegistry } from './stream-registry.js';
