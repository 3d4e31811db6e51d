/**
 * Metrics and traces of streams, channels, receivers and sources through `@opentelemetry/api`.
 *
 * @module nestjs-event-stream/opentelemetry
 */

export { SseOpenTelemetryModule } from './opentelemetry.module.js';
export type { SseOpenTelemetryOptions } from './opentelemetry-options.js';
