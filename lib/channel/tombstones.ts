import type { ChannelEnd } from './backplane.js';

/** How often those that have served their time are cleared away, in milliseconds. */
const CLEAR_MS = 10_000;

/** The ends of channels, each remembered for its own time. */
export class Tombstones {
  readonly #ends = new Map<string, { readonly seq: number; readonly until: number }>();
  #clearAt = 0;

  /** Those that were not cleared away yet. */
  get size(): number {
    return this.#ends.size;
  }

  add(channel: string, { seq, tombstoneMs }: ChannelEnd, now: number): void {
    if (now >= this.#clearAt) {
      this.#clearAt = now + CLEAR_MS;
      for (const [name, { until }] of this.#ends) {
        if (until <= now) {
          this.#ends.delete(name);
        }
      }
    }
    if (tombstoneMs > 0) {
      this.#ends.set(channel, { seq, until: now + tombstoneMs });
    }
  }

  /** The end of the channel, with the time that is left of it. */
  find(channel: string, now: number): ChannelEnd | undefined {
    const end = this.#ends.get(channel);
    return end && end.until > now ? { seq: end.seq, tombstoneMs: end.until - now } : undefined;
  }
}
