import { assertOptions, count, findOptionProblems } from '../protocol/internal.js';
import type { SseTicketStore } from './ticket-store.js';

/** Options of {@link MemoryTicketStore}. */
export interface MemoryTicketStoreOptions {
  /** How many tickets and sessions are kept at most; beyond it the oldest is forgotten. Default 100,000. */
  readonly maxEntries?: number | undefined;
}

interface Entry {
  readonly value: string;
  readonly endsAt: number;
}

/** How many entries each `put()` looks at. More than one: else old ones would pile up as fast as new ones come. */
const SWEPT_AT_ONCE = 4;

/**
 * Keeps tickets in the memory of this process, and is the default. They are gone when it ends, and no other instance knows
 * them: several need a store that they share.
 *
 * What is forgotten beyond `maxEntries` is the oldest, so never a revocation before the sessions that it ends. What has
 * expired goes without a timer: as others come, or when it is asked for.
 *
 * @throws SseOptionsError for options that cannot be used
 */
export class MemoryTicketStore implements SseTicketStore {
  readonly #maxEntries: number;
  /** The oldest first. */
  readonly #entries = new Map<string, Entry>();
  #sweep = this.#entries.entries();

  constructor(options: MemoryTicketStoreOptions = {}) {
    assertOptions(findOptionProblems<MemoryTicketStoreOptions>(options, { maxEntries: count({ min: 1 }) }));
    this.#maxEntries = options.maxEntries ?? 100_000;
  }

  /** How many are kept, expired ones that nobody has come across among them. */
  get size(): number {
    return this.#entries.size;
  }

  async put(key: string, value: string, ttlMs: number): Promise<void> {
    this.#entries.delete(key);
    this.#entries.set(key, { value, endsAt: performance.now() + ttlMs });
    this.#sweepSome();
    if (this.#entries.size > this.#maxEntries) {
      const [oldest] = this.#entries.keys();
      this.#entries.delete(oldest!);
    }
  }

  async get(key: string): Promise<string | undefined> {
    const entry = this.#entries.get(key);
    return entry && performance.now() < entry.endsAt ? entry.value : undefined;
  }

  async take(key: string): Promise<string | undefined> {
    const value = this.get(key);
    this.#entries.delete(key);
    return value;
  }

  #sweepSome(): void {
    for (let looked = 0; looked < SWEPT_AT_ONCE; looked++) {
      const { value: next, done } = this.#sweep.next();
      if (done) {
        this.#sweep = this.#entries.entries();
        return;
      }
      const [key, { endsAt }] = next;
      if (endsAt <= performance.now()) {
        this.#entries.delete(key);
      }
    }
  }
}
