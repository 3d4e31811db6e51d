/**
 * Health of backplane and sources for `@nestjs/terminus`.
 *
 * @module nestjs-event-stream/terminus
 */

export type { SseHealthOptions } from './health-options.js';
export { SseHealthIndicator } from './sse-health.indicator.js';
