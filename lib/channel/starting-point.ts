import type { ChannelLog } from './channel-log.js';
import { collectEntries } from './collect-entries.js';
import type { DealtWith } from './dealt-with.js';
import type { SseGapReason } from './gap-reason.js';
import { sumOfFloors } from './position.js';
import type { Positions } from './positions.js';
import type { ReaderGroup } from './reader-group.js';

/** Where a subscriber starts, and what is to be said of it. */
export interface StartingPoint {
  readonly position: number;
  readonly dealtWith?: DealtWith | undefined;
  readonly gap?: SseGapReason | undefined;
}

export interface LogHead {
  readonly epoch: string;
  /** Newest position of all. */
  readonly head: number;
  readonly positions: Positions;
}

/**
 * Where a client goes on that comes back with an id.
 *
 * @param id what it has sent; `null` when that could not even be looked at
 */
export function resumeAt(id: string | null, group: ReaderGroup, { epoch, head, positions }: LogHead): StartingPoint {
  const position = id === null ? undefined : positions.read(id, epoch);
  if (!position) {
    return afterGap('malformed', group, head);
  }
  if (position.isForeign) {
    return afterGap('foreign', group, head);
  }
  if (position.seq > head) {
    return afterGap('future', group, head);
  }
  if (position.told !== undefined && position.told === sumOfFloors(group.logs)) {
    return { position: position.seq, dealtWith: lossesKnown(group, position.seq) };
  }
  const lossy = group.logs.find(({ floor }) => floor > position.seq);
  return lossy ? afterGap(lossy.gapReason, group, head, position.seq) : { position: position.seq };
}

/** Where one goes on that has lost something: just before the oldest message that is kept and that it has not had. */
export function afterGap(gap: SseGapReason, group: ReaderGroup, head: number, since = -1): StartingPoint {
  const range = { logs: group.logs, after: since, through: head, maxBytes: 0 };
  const [oldest] = collectEntries(range, {}).entries;
  const position = oldest ? oldest.seq - 1 : head;
  return { position, dealtWith: lossesKnown(group, position), gap };
}

/** Where one starts that wants the newest messages before the live ones. What is kept no more it has never had. */
export function replayFrom(replay: number | 'all', group: ReaderGroup, head: number): StartingPoint {
  const range = { logs: group.logs, after: -1, through: head, maxBytes: Number.POSITIVE_INFINITY };
  const kept = collectEntries(range, { filter: group.selection.filter }).entries;
  const oldest = replay === 'all' ? kept[0] : kept[kept.length - Math.min(replay, kept.length)];
  const position = oldest ? oldest.seq - 1 : head;
  return { position, dealtWith: lossesKnown(group, position) };
}

/** What was forgotten by now, as far as it lies beyond a position. */
function lossesKnown(group: ReaderGroup, position: number): DealtWith | undefined {
  const logs = new Map<ChannelLog, number>();
  for (const log of group.logs) {
    if (log.floor > position) {
      logs.set(log, log.floor);
    }
  }
  return logs.size === 0 ? undefined : { logs, until: Math.max(...logs.values()), ids: sumOfFloors(group.logs) };
}
