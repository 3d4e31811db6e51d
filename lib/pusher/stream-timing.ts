import { WRITE_BYTES } from './outbox.js';
import type { StreamSettings } from './stream-settings.js';

type TimingSettings = Pick<StreamSettings, 'pingMs' | 'writeTimeoutMs' | 'maxAgeMs'>;

/** What may be due on an open stream. */
export type StreamDue = 'ping' | 'max-age' | 'stalled';

/** The times that matter to one stream: its last write, and when it has lived long enough. */
export class StreamTiming {
  readonly #settings: TimingSettings;
  /** Absent when it may live for ever. */
  readonly #diesAt: number | undefined;
  #lastWriteAt: number;
  /** In whole milliseconds of `performance.now()`, which take less memory than others. */
  readonly openedAt: number;

  /**
   * @param openedAt milliseconds of `performance.now()`
   * @param random from 0 up to 1; spreads the ends of streams that have opened together, by ±20 %
   */
  constructor(settings: TimingSettings, openedAt: number, random: number) {
    this.#settings = settings;
    this.#lastWriteAt = openedAt;
    this.openedAt = Math.round(openedAt);
    this.#diesAt = settings.maxAgeMs > 0 ? openedAt + settings.maxAgeMs * (0.8 + 0.4 * random) : undefined;
  }

  /** How often the clock has to look; nothing when nothing will ever be due. */
  get periodMs(): number | undefined {
    const { pingMs, writeTimeoutMs, maxAgeMs } = this.#settings;
    const periods = [pingMs, writeTimeoutMs, maxAgeMs].filter((period) => period > 0);
    return periods.length > 0 ? Math.min(...periods) : undefined;
  }

  /** The newest write that was told of, or the opening, in milliseconds of `performance.now()`. */
  get lastWriteAt(): number {
    return this.#lastWriteAt;
  }

  /** Any write restarts the wait for a ping; news of an older one changes nothing. */
  wrote(at: number): void {
    if (at > this.#lastWriteAt) {
      this.#lastWriteAt = at;
    }
  }

  /**
   * @param stalledMs how long the peer has taken nothing of what waits for it
   * @param pendingBytes what waits for it; more than usual, a single huge message, may take longer
   */
  due(now: number, stalledMs: number, pendingBytes: number): StreamDue | undefined {
    const { pingMs, writeTimeoutMs } = this.#settings;
    const patience = Math.max(1, pendingBytes / (2 * WRITE_BYTES));
    if (writeTimeoutMs > 0 && stalledMs >= writeTimeoutMs * patience) {
      return 'stalled';
    }
    if (this.#diesAt !== undefined && now >= this.#diesAt) {
      return 'max-age';
    }
    return pingMs > 0 && now - this.#lastWriteAt >= pingMs ? 'ping' : undefined;
  }
}
