import type { SseStreamRegistry } from '../access/index.js';

/** The streams of this process in numbers. */
export interface AdminSummary {
  readonly open: number;
  readonly byRoute: Readonly<Record<string, number>>;
  /** Since the start, by reason. */
  readonly closed: Readonly<Record<string, number>>;
}

export function summaryOf(registry: SseStreamRegistry): AdminSummary {
  return {
    open: registry.count,
    byRoute: Object.fromEntries(registry.countByRoute()),
    closed: Object.fromEntries(registry.closedCounts()),
  };
}
