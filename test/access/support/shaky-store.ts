import { MemoryTicketStore, type SseTicketStore } from '../../../lib/index.js';

/** A store that fails while the test says so. */
export class ShakyStore implements SseTicketStore {
  isAway = false;
  /** Called when somebody has asked in vain. */
  onFailing: () => void = () => {};
  /** How often it was let go of. */
  closed = 0;
  readonly #kept = new MemoryTicketStore();

  async put(key: string, value: string, ttlMs: number): Promise<void> {
    this.#try();
    return this.#kept.put(key, value, ttlMs);
  }

  async get(key: string): Promise<string | undefined> {
    this.#try();
    return this.#kept.get(key);
  }

  async take(key: string): Promise<string | undefined> {
    this.#try();
    return this.#kept.take(key);
  }

  close(): void {
    this.closed += 1;
  }

  #try(): void {
    if (this.isAway) {
      this.onFailing();
      throw new Error('no connection');
    }
  }
}
