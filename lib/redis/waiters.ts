/** Those who wait until everything up to some position was delivered. */
export class Waiters {
  #waiting: { readonly channel: object; readonly position: number; readonly resolve: () => void }[] = [];

  /** @param channel on which it is to come */
  until(position: number, channel: object): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ channel, position, resolve }));
  }

  /** Nothing comes on this channel any more. */
  left(channel: object): void {
    this.#end((waiter) => waiter.channel === channel);
  }

  reached(position: number): void {
    this.#end((waiter) => waiter.position <= position);
  }

  #end(isOver: (waiter: { readonly channel: object; readonly position: number }) => boolean): void {
    if (this.#waiting.length === 0) {
      return;
    }
    const over = this.#waiting.filter(isOver);
    if (over.length > 0) {
      this.#waiting = this.#waiting.filter((waiter) => !isOver(waiter));
      for (const { resolve } of over) {
        resolve();
      }
    }
  }
}
