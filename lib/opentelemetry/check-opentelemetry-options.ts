import { type OptionRules, ofType } from '../protocol/internal.js';
import type { SseOpenTelemetryOptions } from './opentelemetry-options.js';

export const OPEN_TELEMETRY_RULES: OptionRules<SseOpenTelemetryOptions> = {
  metrics: ofType('boolean'),
  traces: ofType('boolean'),
  propagate: ofType('boolean'),
  channelKind: ofType('function'),
  route: ofType('function'),
};
