import type { SseBackplaneHealth } from '../channel/index.js';
import type { SseSourceState, SseSourceStatus } from '../sources/index.js';

/** How all of it does. */
export type SseHealth = 'up' | 'degraded' | 'down';

/** What a check has found; only what may be shown to everybody. */
export interface SseHealthFindings {
  /** `unknown` where the backplane cannot tell. */
  readonly backplane?: SseBackplaneHealth | { readonly status: 'unknown' };
  /** By name. */
  readonly sources?: Readonly<Record<string, SseSourceStatus>>;
}

/** What has not come yet comes by itself; what has failed for good does not. All else is as somebody wants it. */
const OF_STATE: Partial<Record<SseSourceState, SseHealth>> = {
  connecting: 'degraded',
  waiting: 'degraded',
  failed: 'down',
};

/** The worst of all that was found. */
export function overall({ backplane, sources = {} }: SseHealthFindings): SseHealth {
  const found = [
    backplane?.status === 'unknown' ? undefined : backplane?.status,
    ...Object.values(sources).map(({ state }) => OF_STATE[state]),
  ];
  return (['down', 'degraded'] as const).find((health) => found.includes(health)) ?? 'up';
}
