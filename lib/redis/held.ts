/** So much text may wait for a catch-up to end. */
const CHARACTERS = 32 * 1024 * 1024;

export interface Received {
  readonly topic: string;
  readonly payload: string;
}

/** What came while the feed was not ready for it. */
export class Held {
  #received: Received[] = [];
  #characters = 0;

  /** @returns false when it is too much: then all is forgotten, to be read again from where it is kept */
  add(received: Received): boolean {
    this.#received.push(received);
    this.#characters += received.payload.length;
    if (this.#characters <= CHARACTERS) {
      return true;
    }
    this.take();
    return false;
  }

  take(): Received[] {
    const received = this.#received;
    this.#received = [];
    this.#characters = 0;
    return received;
  }
}
