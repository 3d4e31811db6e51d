import type { SseBackplane } from './backplane.js';

/**
 * Has the backplane deliver what was placed before the call, for many who ask: at most one of them is under way, and who asks
 * meanwhile shares the next one, for the one under way may have begun too early. Clients make this happen with whatever ids
 * they send, so that a flood of them must not become a flood of these.
 */
export class SharedSync {
  readonly #backplane: Pick<SseBackplane, 'sync'>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(backplane: Pick<SseBackplane, 'sync'>) {
    this.#backplane = backplane;
  }

  /** Never rejects: whoever asks goes on with what is known, if nothing more can be learnt. */
  sync(): Promise<void> {
    if (!this.#running) {
      return this.#run();
    }
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.#run();
    });
    return this.#next;
  }

  #run(): Promise<void> {
    this.#running = this.#syncOnce();
    return this.#running;
  }

  async #syncOnce(): Promise<void> {
    try {
      await this.#backplane.sync();
    } catch {
      // The position is then judged by what is known here.
    } finally {
      this.#running = undefined;
    }
  }
}
