import type { ChannelLog } from './channel-log.js';

/** Parts of some logs that need not be delivered, for the client has them or was told that they are gone. */
export interface DealtWith {
  /** Up to where, by log. */
  readonly logs: ReadonlyMap<ChannelLog, number>;
  /** The highest of these positions: a stream that has come so far is like any other. */
  readonly until: number;
  /**
   * What ids say until then. A number goes into them, so that a client that comes back is not told again of what was lost
   * (see `sumOfFloors`); `none` leaves them out, so that it starts anew; `plain` leaves them as they are.
   */
  readonly ids: number | 'none' | 'plain';
}

/** Both of them, less what lies behind `position` already. */
export function union(
  one: DealtWith | undefined,
  other: DealtWith | undefined,
  position: number,
): DealtWith | undefined {
  const logs = new Map(one?.logs);
  for (const [log, through] of other?.logs ?? []) {
    logs.set(log, Math.max(through, logs.get(log) ?? 0));
  }
  const until = Math.max(...logs.values());
  const ids = other === undefined || other.ids === 'plain' ? (one?.ids ?? 'plain') : other.ids;
  return until > position ? { logs, until, ids } : undefined;
}
