import { describe, durationMs, type OptionRules, ofType, oneOf } from '../protocol/internal.js';
import type { SseHealthOptions } from './health-options.js';

export const HEALTH_RULES: OptionRules<SseHealthOptions> = {
  backplane: ofType('boolean'),
  sources: (value) =>
    Array.isArray(value) && value.every((name) => typeof name === 'string')
      ? undefined
      : `must be an array of names of sources, got ${describe(value)}`,
  degraded: oneOf('up', 'down'),
  timeoutMs: durationMs({ min: 1 }),
};
