import type { ChannelLog } from './channel-log.js';
import type { Spared } from './grace.js';
import type { LogEntry } from './log-entry.js';

/** What a message costs in memory beside its text, in bytes, roughly. */
const ENTRY_BYTES = 200;

/** Forgets what is beyond the bounds of history: those of each channel, and that of all together. */
export class HistoryKeeper {
  /** Channels that keep messages; those that have been quiet for the longest first. */
  readonly #keeping = new Set<ChannelLog>();
  /** Channels that have lost messages for others to keep theirs, and not for bounds of their own. */
  readonly #shortened = new WeakSet<ChannelLog>();
  readonly #maxTotalBytes: number;
  #totalBytes = 0;
  readonly #forgotten = { channel: 0, total: 0 };

  constructor(maxTotalBytes: number) {
    this.#maxTotalBytes = maxTotalBytes;
  }

  /** Memory that the history of all channels takes, in bytes, roughly. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** Messages that were forgotten for the bounds of their channel, and for that of all together, since the start. */
  get forgotten(): { readonly channel: number; readonly total: number } {
    return this.#forgotten;
  }

  added(entry: LogEntry): void {
    this.#totalBytes += memoryOf(entry);
  }

  /**
   * Applies the bounds to channels that have just grown.
   *
   * @param through what is newer has not been offered to everybody yet, and stays whatever the bounds say
   * @param spared what the bounds of channels leave for somebody who needs it; that of all together does not
   */
  retain(logs: Iterable<ChannelLog>, through: number, now: number, spared?: Spared): void {
    for (const log of logs) {
      this.#keeping.delete(log);
      this.expire(log, through, now, spared);
      if (log.count > 0) {
        this.#keeping.add(log);
      }
    }
    this.#shrink(through);
  }

  /** Applies the bounds of one channel, of which its age may have come since it was last looked at. */
  expire(log: ChannelLog, through: number, now: number, spared?: Spared): void {
    const { events, bytes, ageMs } = log.limits;
    const after = spared && !exceedsBounds(log, spared.through) ? spared.after : Number.POSITIVE_INFINITY;
    for (let { oldest } = log; oldest && oldest.seq <= through && oldest.seq <= after; { oldest } = log) {
      if (log.count <= events && log.bytes <= bytes && now - oldest.at < ageMs) {
        return;
      }
      this.#evict(log);
      this.#forgotten.channel++;
    }
  }

  /** Applies the bounds of age everywhere. */
  sweep(through: number, now: number, spared?: Spared): void {
    for (const log of this.#keeping) {
      this.expire(log, through, now, spared);
    }
    this.#shrink(through);
  }

  /** A log has come with messages, which nobody was to be offered. */
  entered(log: ChannelLog): void {
    this.#keeping.delete(log);
    if (log.count > 0) {
      this.#keeping.add(log);
    }
  }

  /** Whether a channel has less than its own bounds allow. */
  isShortened(log: ChannelLog): boolean {
    return this.#shortened.has(log);
  }

  /** What a channel may have is there again, as far as it is kept anywhere. */
  restored(log: ChannelLog, entries: readonly LogEntry[]): void {
    this.#shortened.delete(log);
    for (const entry of entries) {
      this.added(entry);
    }
    this.entered(log);
  }

  /** Forgets what a channel has up to a position, by default everything. */
  forget(log: ChannelLog, through = Number.POSITIVE_INFINITY): void {
    for (let { oldest } = log; oldest && oldest.seq <= through; { oldest } = log) {
      this.#evict(log);
    }
  }

  #shrink(through: number): void {
    for (const log of this.#keeping) {
      while (this.#totalBytes > this.#maxTotalBytes && log.oldest && log.oldest.seq <= through) {
        this.#shortened.add(log);
        this.#evict(log);
        this.#forgotten.total++;
      }
      if (this.#totalBytes <= this.#maxTotalBytes) {
        return;
      }
    }
  }

  #evict(log: ChannelLog): void {
    this.#totalBytes -= memoryOf(log.evict());
    if (log.count === 0) {
      this.#keeping.delete(log);
    }
  }
}

/** V8 takes two bytes for each character of a text that is not all Latin-1; only ASCII is seen at a glance. */
function memoryOf({ bytes, frame }: LogEntry): number {
  return (bytes === frame.length ? bytes : frame.length * 2) + ENTRY_BYTES;
}

/** Whether what came after a position is more than the channel holds. */
function exceedsBounds(log: ChannelLog, position: number): boolean {
  const { events, bytes } = log.limits;
  const { count, bytes: newerBytes } = log.sizeAfter(position);
  return count > events || newerBytes > bytes;
}
