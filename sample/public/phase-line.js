import { duration } from './format.js';

/** The state of a connection in one line: a dot, the phase, and since when. */
export class PhaseLine {
  #line;
  #phase = 'connecting';
  #since = performance.now();
  /** How long there was no connection before this phase, in milliseconds, if one was lost. */
  awayMs;

  /** @param {HTMLElement} line with a `.phase` and a `.since` */
  constructor(line) {
    this.#line = line;
    setInterval(() => this.#tick(), 250);
  }

  get phase() {
    return this.#phase;
  }

  /**
   * @param {'connecting' | 'open' | 'reconnecting' | 'paused'} phase
   * @returns {boolean} whether it is another one: each failed attempt is told anew, and changes nothing
   */
  enter(phase) {
    if (phase === this.#phase) return false;
    // From a pause it is resumed like from a loss.
    if (!(this.#phase === 'paused' && phase === 'reconnecting')) {
      const lost = this.#phase === 'reconnecting' || this.#phase === 'paused';
      this.awayMs = lost ? performance.now() - this.#since : undefined;
      this.#since = performance.now();
    }
    this.#phase = phase;
    this.#line.dataset.phase = phase;
    this.#line.querySelector('.phase').textContent = phase;
    this.#tick();
    return true;
  }

  #tick() {
    const time = duration(performance.now() - this.#since);
    this.#line.querySelector('.since').textContent = this.#phase === 'open' ? `for ${time}` : `since ${time}`;
  }
}
