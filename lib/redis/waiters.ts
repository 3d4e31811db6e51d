/** Those who wait until everything up to some position was delivered. */
export class Waiters {
  #waiting: { readonly position: number; readonly resolve: () => void }[] = [];

  until(position: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ position, resolve }));
  }

  reached(position: number): void {
    if (this.#waiting.length === 0) {
      return;
    }
    const over = this.#waiting.filter((waiter) => waiter.position <= position);
    if (over.length > 0) {
      this.#waiting = this.#waiting.filter((waiter) => waiter.position > position);
      for (const { resolve } of over) {
        resolve();
      }
    }
  }
}
