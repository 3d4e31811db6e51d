/** Counts seconds down to zero, for whoever shows them. */
export class Countdown {
  #until = 0;
  #timer;
  #onTick;

  /** @param {(secondsLeft: number) => void} onTick told of each second, the last time of 0 */
  constructor(onTick) {
    this.#onTick = onTick;
  }

  get running() {
    return this.#timer !== undefined;
  }

  start(milliseconds) {
    clearInterval(this.#timer);
    this.#until = performance.now() + milliseconds;
    this.#timer = setInterval(() => this.#tick(), 200);
    this.#tick();
  }

  #tick() {
    const secondsLeft = Math.max(Math.ceil((this.#until - performance.now()) / 1000), 0);
    if (secondsLeft === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    this.#onTick(secondsLeft);
  }
}
