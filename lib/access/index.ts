export { AccessLifecycle } from './access-lifecycle.js';
export { GuardFinder } from './guard-finder.js';
export { Reauthorizer } from './reauthorizer.js';
export { Revoker } from './revoker.js';
export type { SseStreamFilter } from './stream-filter.js';
export { SseStreamRegistry } from './stream-registry.js';
