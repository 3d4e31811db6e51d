/**
 * Metrics and traces through `@opentelemetry/api`.
 *
 * @module nestjs-event-stream/opentelemetry
 */

export { SseOpenTelemetryModule } from './opentelemetry.module.js';
export type { SseOpenTelemetryOptions } from './opentelemetry-options.js';
