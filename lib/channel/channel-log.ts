import { WRITE_BYTES } from '../pusher/internal.js';
import type { ChannelEnd } from './backplane.js';
import type { HistoryLimits } from './history-options.js';
import { LogEntry } from './log-entry.js';
import type { LogFollower } from './log-follower.js';

/** Frames of consecutive messages as one buffer, which all who need the same ones share. */
export interface LogSlice {
  /** Position of the first message. */
  readonly first: number;
  /** Position of the last message. */
  readonly last: number;
  readonly buffer: Buffer;
}

const NO_ENTRIES: LogEntry[] = [];

/** So many entries are forgotten before the array that holds them is made shorter. */
const COMPACT_AT = 256;

/** The log of one channel: messages in the order of their positions, of which the oldest are forgotten. */
export class ChannelLog {
  /** Newest position that was forgotten, or never known: what lies above it is all here. */
  floor: number;
  /** Where the log began, if that was judged by time alone: whether anything was lost below is not known. */
  readonly guessedFloor: number;
  /** Newest position that the log has or had; 0 when it never had any. */
  newest = 0;
  /** When the newest message came. */
  newestAt = Number.NEGATIVE_INFINITY;
  /** Streams and iterators that follow it. */
  subscribers = 0;
  /** Bytes of the frames that are kept. */
  bytes = 0;
  /** Whether the channel has ended, and nothing was published to it since. */
  ended = false;
  #endUntil = 0;
  #followers: Set<LogFollower> | undefined;
  #entries = NO_ENTRIES;
  #start = 0;
  #appendedBytes = 0;
  /** The newest messages, while somebody still has them in a socket. */
  #lastSlice: WeakRef<LogSlice> | undefined;
  /** Whole pages that somebody still has in a socket, by the position of their first message. */
  #pages: Map<number, WeakRef<LogSlice>> | undefined;

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
    return this.#entries.length - this.#start;
  }

  get oldest(): LogEntry | undefined {
    return this.#entries[this.#start];
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
    const bytes = Buffer.byteLength(frame);
    this.#appendedBytes += bytes;
    const entry = new LogEntry(seq, frame, bytes, this.#appendedBytes, now, key);
    if (this.#entries === NO_ENTRIES) {
      this.#entries = [];
    }
    this.#entries.push(entry);
    this.bytes += bytes;
    this.newest = seq;
    this.newestAt = now;
    this.ended = false;
    return entry;
  }

  endWith({ tombstoneMs }: ChannelEnd, now: number): void {
    this.ended = true;
    this.#endUntil = now + tombstoneMs;
  }

  /** To a new subscriber, a channel that ended long ago is like any other. */
  forgetOldEnd(now: number): void {
    if (this.#endUntil <= now) {
      this.ended = false;
    }
  }

  /** Forgets the oldest message. */
  evict(): LogEntry {
    const entry = this.#entries[this.#start]!;
    this.floor = entry.seq;
    this.bytes -= entry.bytes;
    this.#pages?.delete(entry.seq);
    this.#start++;
    if (this.#start === this.#entries.length) {
      this.#entries = NO_ENTRIES;
      this.#start = 0;
      this.#pages = undefined;
    } else if (this.#start >= COMPACT_AT && this.#start * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#start);
      this.#start = 0;
    }
    return entry;
  }

  /** The message at an index of {@link indexAfter}. */
  at(index: number): LogEntry | undefined {
    return this.#entries[index];
  }

  /** Index of the first message after a position; one that {@link at} has nothing for when there is none. Valid until the next change. */
  indexAfter(seq: number): number {
    if (seq >= this.newest) {
      return this.#entries.length;
    }
    let low = this.#start;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#entries[middle]!.seq <= seq) {
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
    const first = this.#entries[from];
    if (!first) {
      return undefined;
    }
    const last = this.#lastSlice?.deref();
    const shared = last?.first === first.seq ? last : this.#pages?.get(first.seq)?.deref();
    return shared ?? this.#slice(from);
  }

  #slice(from: number): LogSlice {
    const first = this.#entries[from]!;
    const to = this.#endOfPage(from);
    const last = this.#entries[to - 1]!;
    let text = first.frame;
    for (let index = from + 1; index < to; index++) {
      text += this.#entries[index]!.frame;
    }
    const slice = { first: first.seq, last: last.seq, buffer: Buffer.from(text) };
    if (to < this.#entries.length) {
      this.#pages ??= new Map();
      this.#pages.set(first.seq, new WeakRef(slice));
    } else {
      this.#lastSlice = new WeakRef(slice);
    }
    return slice;
  }

  #endOfPage(from: number): number {
    const first = this.#entries[from]!;
    const page = Math.floor(first.end / WRITE_BYTES);
    let to = from + 1;
    for (let entry = this.#entries[to]; entry; entry = this.#entries[++to]) {
      if (Math.floor(entry.end / WRITE_BYTES) > page || entry.end - first.end + first.bytes > WRITE_BYTES) {
        break;
      }
    }
    return to;
  }
}
