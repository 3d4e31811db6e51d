import { BodyPart, WRITE_BYTES } from '../pusher/internal.js';
import type { ChannelEnd } from './backplane.js';
import type { SseGapReason } from './gap-reason.js';
import type { HistoryLimits } from './history-options.js';
import { LogEntry } from './log-entry.js';
import type { LogFollower } from './log-follower.js';

/** Frames of consecutive messages, which all who need the same ones share. */
export interface LogSlice {
  /** Position of the first message. */
  readonly first: number;
  /** Position of the last message. */
  readonly last: number;
  readonly messages: number;
  readonly part: BodyPart;
}

/** A message as an entry will have it. */
export type FormattedMessage = Pick<LogEntry, 'seq' | 'frame' | 'key' | 'at'>;

/** So many entries are forgotten before the array that holds them is made shorter. */
const COMPACT_AT = 256;

/** What a log has only while it keeps something: there may be very many that do not. */
class Kept {
  readonly pages = new Map<number, WeakRef<LogSlice>>();
  entries: LogEntry[] = [];
  start = 0;
  bytes = 0;
  appendedBytes = 0;
  /** The newest messages, while somebody still has them in a socket. */
  lastSlice: WeakRef<LogSlice> | undefined;
}

/** The log of one channel: messages in the order of their positions, of which the oldest are forgotten. */
export class ChannelLog {
  /** Newest position that was forgotten, or never known: what lies above it is all here. */
  floor: number;
  /** Where the log began, if that was judged by time alone: whether anything was lost below is not known. */
  readonly guessedFloor: number;
  /** Newest position that the log has or had; 0 when it never had any. */
  newest = 0;
  /** When the newest message came, in whole milliseconds of `performance.now()`; 0 when none ever has. */
  newestAt = 0;
  /** Streams and iterators that follow it. */
  subscribers = 0;
  #followers: Set<LogFollower> | undefined;
  #kept: Kept | undefined;
  /** Until when the end of the channel is remembered. */
  #endUntil: number | undefined;

  constructor(
    readonly name: string,
    readonly limits: HistoryLimits,
    floor: number,
    floorIsGuessed = false,
  ) {
    this.floor = floor;
    this.guessedFloor = floorIsGuessed ? floor : 0;
  }

  /** Messages that are kept. */
  get count(): number {
    return this.#kept ? this.#kept.entries.length - this.#kept.start : 0;
  }

  /** Bytes of the frames that are kept. */
  get bytes(): number {
    return this.#kept?.bytes ?? 0;
  }

  get oldest(): LogEntry | undefined {
    return this.#kept?.entries[this.#kept.start];
  }

  /** Whether the channel has ended: then this log stays as it is, and a new life of the channel has a new one. */
  get ended(): boolean {
    return this.#endUntil !== undefined;
  }

  /** What is said to those who have missed something of it. */
  get gapReason(): SseGapReason {
    return 'expired';
  }

  get followers(): Iterable<LogFollower> {
    return this.#followers ?? [];
  }

  addFollower(follower: LogFollower): void {
    this.#followers ??= new Set();
    this.#followers.add(follower);
  }

  removeFollower(follower: LogFollower): void {
    if (this.#followers?.delete(follower) && this.#followers.size === 0) {
      this.#followers = undefined;
    }
  }

  append(seq: number, frame: string, key: string | undefined, now: number): LogEntry {
    this.#kept ??= new Kept();
    const bytes = Buffer.byteLength(frame);
    this.#kept.bytes += bytes;
    this.#kept.appendedBytes += bytes;
    const entry = new LogEntry(seq, frame, bytes, this.#kept.appendedBytes, now, key);
    this.#kept.entries.push(entry);
    this.newest = seq;
    this.newestAt = Math.ceil(now);
    return entry;
  }

  /**
   * Takes back what it had forgotten.
   *
   * @param messages in their order, all of them up to the floor
   * @param floor the lower one from now on
   */
  takeBack(messages: readonly FormattedMessage[], floor: number): LogEntry[] {
    this.floor = floor;
    if (messages.length === 0) {
      return [];
    }
    this.#kept ??= new Kept();
    const kept = this.#kept;
    let at = this.oldest?.at ?? Number.POSITIVE_INFINITY;
    let end = this.oldest ? this.oldest.end - this.oldest.bytes : kept.appendedBytes;
    const entries: LogEntry[] = [];
    for (const message of messages.toReversed()) {
      const bytes = Buffer.byteLength(message.frame);
      at = Math.min(at, message.at);
      entries.push(new LogEntry(message.seq, message.frame, bytes, end, at, message.key));
      end -= bytes;
      kept.bytes += bytes;
    }
    kept.entries = [...entries.reverse(), ...kept.entries.slice(kept.start)];
    kept.start = 0;
    return entries;
  }

  endWith({ tombstoneMs }: ChannelEnd, now: number): void {
    this.#endUntil = now + tombstoneMs;
  }

  /** Whether the channel has ended so long ago that a new one may have its name. */
  isOver(now: number): boolean {
    return this.#endUntil !== undefined && this.#endUntil <= now;
  }

  /** Forgets the oldest message. */
  evict(): LogEntry {
    const kept = this.#kept!;
    const entry = kept.entries[kept.start]!;
    this.floor = entry.seq;
    kept.bytes -= entry.bytes;
    kept.pages.delete(entry.seq);
    kept.start++;
    if (kept.start === kept.entries.length) {
      this.#kept = undefined;
    } else if (kept.start >= COMPACT_AT && kept.start * 2 >= kept.entries.length) {
      kept.entries = kept.entries.slice(kept.start);
      kept.start = 0;
    }
    return entry;
  }

  /** Messages after a position, and their bytes. */
  sizeAfter(seq: number): { readonly count: number; readonly bytes: number } {
    const { entries, start, appendedBytes } = this.#kept ?? NOTHING_KEPT;
    const index = this.indexAfter(seq);
    const first = entries[index];
    const bytes = first ? appendedBytes - first.end + first.bytes : 0;
    return { count: entries.length - Math.max(index, start), bytes };
  }

  /** The message at an index of {@link indexAfter}. */
  at(index: number): LogEntry | undefined {
    return this.#kept?.entries[index];
  }

  /** Index of the first message after a position; one that {@link at} has nothing for when there is none. Valid until the next change. */
  indexAfter(seq: number): number {
    const { entries, start } = this.#kept ?? NOTHING_KEPT;
    if (seq >= this.newest) {
      return entries.length;
    }
    let low = start;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (entries[middle]!.seq <= seq) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * The next messages after a position, at most a write of them. Slices end where the pages of the log do, so that those who
   * catch up from different positions share all but their first one.
   */
  sliceAfter(seq: number): LogSlice | undefined {
    const from = this.indexAfter(seq);
    const first = this.at(from);
    if (!this.#kept || !first) {
      return undefined;
    }
    const last = this.#kept.lastSlice?.deref();
    const shared = last?.first === first.seq ? last : this.#kept.pages.get(first.seq)?.deref();
    return shared ?? slice(this.#kept, from);
  }
}

const NOTHING_KEPT = { entries: [] as readonly LogEntry[], start: 0, appendedBytes: 0 };

function slice(kept: Kept, from: number): LogSlice {
  const to = endOfPage(kept.entries, from);
  const entries = kept.entries.slice(from, to);
  const [first] = entries as [LogEntry];
  const last = entries.at(-1)!;
  const made = {
    first: first.seq,
    last: last.seq,
    messages: entries.length,
    part: new BodyPart(entries.map(({ frame }) => frame).join(''), last.end - first.end + first.bytes),
  };
  if (to < kept.entries.length) {
    kept.pages.set(made.first, new WeakRef(made));
  } else {
    kept.lastSlice = new WeakRef(made);
  }
  return made;
}

/** Where a page of the log ends, or a write is full. */
function endOfPage(entries: readonly LogEntry[], from: number): number {
  const first = entries[from]!;
  const page = Math.floor(first.end / WRITE_BYTES);
  let to = from + 1;
  for (let entry = entries[to]; entry; entry = entries[++to]) {
    if (Math.floor(entry.end / WRITE_BYTES) > page || entry.end - first.end + first.bytes > WRITE_BYTES) {
      break;
    }
  }
  return to;
}
