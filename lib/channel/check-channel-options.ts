import type { SseOptionProblem } from '../protocol/index.js';
import { describe, durationMs, findOptionProblems, type OptionRules } from '../protocol/internal.js';
import type { SseBackplane } from './backplane.js';
import { COMMON_RULES, type SseChannelOptions } from './subscribe-options.js';

const CHANNEL_RULES: OptionRules<SseChannelOptions> = { ...COMMON_RULES, tombstoneMs: durationMs() };

const METHODS = [
  'start',
  'publish',
  'open',
  'sync',
  'release',
  'close',
  'stop',
] as const satisfies (keyof SseBackplane)[];

export function findChannelProblems(channels: unknown): SseOptionProblem[] {
  return findOptionProblems(channels, CHANNEL_RULES, 'channels.');
}

/** Says what is missing for a backplane, or nothing. */
export function backplane(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) {
    return `must be a backplane, got ${describe(value)}`;
  }
  const missing = METHODS.filter((method) => typeof (value as Record<string, unknown>)[method] !== 'function');
  return missing.length > 0 ? `must be a backplane; it has no ${missing.join(', ')}()` : undefined;
}
