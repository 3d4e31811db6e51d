export type { SseStreamCloseOptions } from './close-streams.js';
export type { SseClosedStream } from './closed-streams.js';
export type { SseStreamFilter } from './stream-filter.js';
export { type SseStreamListOptions, SseStreamRegistry } from './stream-registry.js';
export type { SseStreamReport } from './stream-report.js';
