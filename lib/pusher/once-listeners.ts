/** Callbacks that are waiting for something that happens once. It costs nothing until somebody waits. */
export class OnceListeners<T = void> {
  #waiting: Set<(value: T) => void> | undefined;

  /** @returns takes the listener off again */
  add(listener: (value: T) => void): () => void {
    this.#waiting ??= new Set();
    this.#waiting.add(listener);
    return () => this.#waiting?.delete(listener);
  }

  /** Calls whoever waits, in the order in which they came, and forgets them. */
  fire(value: T): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const listener of waiting ?? []) {
      listener(value);
    }
  }

  clear(): void {
    this.#waiting = undefined;
  }
}
