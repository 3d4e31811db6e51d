import { SseChannelError } from './channel.error.js';
import type { ChannelLog } from './channel-log.js';
import type { PublishedMessage } from './channel-message.js';
import type { LogEntry } from './log-entry.js';

/** What a subscription wants of its channels. */
export interface Selection {
  readonly filter?: ((message: PublishedMessage) => boolean) | undefined;
  readonly conflateBy?: ((message: PublishedMessage) => string | undefined) | undefined;
}

/** A part of several logs. */
export interface LogRange {
  readonly logs: readonly ChannelLog[];
  /** Messages from here on, */
  readonly after: number;
  /** up to and with this position. */
  readonly through: number;
  /** So many bytes of frames at most, but one message at least. */
  readonly maxBytes: number;
  /** Of some logs, what lies up to a position is dealt with already. */
  readonly dealtWith?: ReadonlyMap<ChannelLog, number> | undefined;
}

export interface Collected {
  readonly entries: LogEntry[];
  /** Everything up to here is among the entries, or not wanted. */
  readonly through: number;
}

/**
 * The messages of a range in the order of their positions, whichever log they are in: else the last id of a stream would
 * jump over some.
 *
 * @throws SseChannelError when a function of the selection throws
 */
export function collectEntries(range: LogRange, { filter, conflateBy }: Selection): Collected {
  const merged = mergeLogs(range);
  const wanted = filter ? filtered(merged, filter) : merged;
  const entries: LogEntry[] = [];
  let bytes = 0;
  let through = range.after;
  for (const { entry } of conflateBy ? newestOfEachKey(wanted, conflateBy) : wanted) {
    bytes += entry.bytes;
    if (bytes > range.maxBytes && entries.length > 0) {
      return { entries, through };
    }
    entries.push(entry);
    through = entry.seq;
  }
  return { entries, through: range.through };
}

interface Placed {
  readonly log: ChannelLog;
  readonly entry: LogEntry;
}

function* mergeLogs({ logs, after, through, dealtWith }: LogRange): Generator<Placed> {
  const cursors = logs
    .filter(({ newest }) => newest > after)
    .map((log) => ({ log, index: log.indexAfter(Math.max(after, dealtWith?.get(log) ?? 0)) }));
  while (true) {
    let next: (typeof cursors)[number] | undefined;
    let entry: LogEntry | undefined;
    for (const cursor of cursors) {
      const candidate = cursor.log.at(cursor.index);
      if (candidate && candidate.seq <= through && (!entry || candidate.seq < entry.seq)) {
        next = cursor;
        entry = candidate;
      }
    }
    if (!next || !entry) {
      return;
    }
    next.index++;
    yield { log: next.log, entry };
  }
}

function* filtered(placed: Iterable<Placed>, filter: NonNullable<Selection['filter']>): Generator<Placed> {
  for (const each of placed) {
    if (ask('filter', each, filter)) {
      yield each;
    }
  }
}

/** Of the messages of one channel that have the same key, only the newest is left. */
function newestOfEachKey(placed: Iterable<Placed>, conflateBy: NonNullable<Selection['conflateBy']>): Placed[] {
  const seen = new Map<ChannelLog, Set<string>>();
  return [...placed]
    .reverse()
    .filter((each) => {
      const key = ask('conflateBy', each, conflateBy);
      if (key === undefined) {
        return true;
      }
      const keys = seen.get(each.log) ?? new Set();
      seen.set(each.log, keys);
      return !keys.has(key) && keys.add(key);
    })
    .reverse();
}

function ask<T>(what: 'filter' | 'conflateBy', { log, entry }: Placed, call: (message: PublishedMessage) => T): T {
  try {
    return call(entry.parsedFor(log.name));
  } catch (cause) {
    throw new SseChannelError(what, log.name, `the ${what} of a subscription threw: ${cause}`, { cause });
  }
}
