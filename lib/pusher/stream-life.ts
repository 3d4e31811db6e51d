import type { SseCloseReason } from './close-reason.js';
import { OnceListeners } from './once-listeners.js';

export type SseStreamState = 'pending' | 'open' | 'closed';

/**
 * The life of a stream: pending while its head is held, open, closed for one reason, and gone when its response is over.
 * Each step is taken once at most, and never back.
 */
export abstract class StreamLife {
  #state: SseStreamState = 'pending';
  #reason: SseCloseReason | undefined;
  #isGone = false;
  readonly #opened = new OnceListeners();
  readonly #closed = new OnceListeners();
  readonly #gone = new OnceListeners();

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

  /** Runs once when the stream has opened, at once if it is open; never if it is closed before. */
  onceOpen(listener: () => void): void {
    if (this.#state === 'open') {
      listener();
    } else {
      this.#opened.add(listener);
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
    return this.#closed.add(listener);
  }

  /** Resolves when the response is finished or cut. */
  gone(): Promise<void> {
    return this.#isGone ? Promise.resolve() : new Promise((resolve) => this.#gone.add(resolve));
  }

  protected becomeOpen(): void {
    this.#state = 'open';
    this.#opened.fire();
  }

  protected becomeClosed(reason: SseCloseReason): void {
    this.#state = 'closed';
    this.#reason = reason;
    this.#opened.clear();
    this.#closed.fire();
  }

  protected becomeGone(): void {
    this.#isGone = true;
    this.#gone.fire();
  }
}
