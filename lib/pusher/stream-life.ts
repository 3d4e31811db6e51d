import type { SseCloseReason } from './close-reason.js';
import { OnceListeners } from './once-listeners.js';

/** `pending`: its head is held; `open`: 200 and headers are committed; `closed`: nothing is sent any more. */
export type SseStreamState = 'pending' | 'open' | 'closed';

/**
 * The life of a stream: pending while its head is held, open, closed for one reason, and gone when its response is over.
 * Each step is taken once at most, and never back.
 */
export abstract class StreamLife {
  #state: SseStreamState = 'pending';
  #reason: SseCloseReason | undefined;
  #isGone = false;
  /** Made when somebody waits: on most streams, for most of their time, nobody does. */
  #decided: OnceListeners | undefined;
  #closed: OnceListeners | undefined;
  #gone: OnceListeners | undefined;

  get state(): SseStreamState {
    return this.#state;
  }

  /** Why it is closed, once it is. */
  get closeReason(): SseCloseReason | undefined {
    return this.#reason;
  }

  /** Whether the response was finished, or its peer has left. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Runs once when the stream is pending no more, for it has opened or closed; at once if that is so. */
  onceDecided(listener: () => void): void {
    if (this.#state === 'pending') {
      this.#decided ??= new OnceListeners();
      this.#decided.add(listener);
    } else {
      listener();
    }
  }

  /**
   * Runs once when the stream closes, at once if it is closed.
   *
   * @returns takes the listener off again
   */
  onceClosed(listener: () => void): () => void {
    if (this.#state === 'closed') {
      listener();
      return () => {};
    }
    this.#closed ??= new OnceListeners();
    return this.#closed.add(listener);
  }

  /** Resolves when the response is finished or cut. */
  gone(): Promise<void> {
    if (this.#isGone) {
      return Promise.resolve();
    }
    this.#gone ??= new OnceListeners();
    const listeners = this.#gone;
    return new Promise((resolve) => listeners.add(resolve));
  }

  protected becomeOpen(): void {
    this.#state = 'open';
    this.#decide();
  }

  protected becomeClosed(reason: SseCloseReason): void {
    this.#state = 'closed';
    this.#reason = reason;
    this.#decide();
    this.#closed?.fire();
  }

  protected becomeGone(): void {
    this.#isGone = true;
    this.#gone?.fire();
  }

  #decide(): void {
    const decided = this.#decided;
    this.#decided = undefined;
    decided?.fire();
  }
}
