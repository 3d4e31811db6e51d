/** Something that one tab of this page has at a time: whoever took it last. */
export class Turn {
  #tabs;
  #takenAt = 0;

  /**
   * @param {string} name
   * @param {() => void} onLost another tab has taken it
   */
  constructor(name, onLost) {
    this.#tabs = new BroadcastChannel(`nestjs-event-stream sample: ${name}`);
    this.#tabs.addEventListener('message', ({ data: takenAt }) => {
      // Of two that take it in the same moment, one keeps it: tabs of one browser go by the same clock.
      if (!this.isMine || takenAt < this.#takenAt) return;
      this.#takenAt = 0;
      onLost();
    });
  }

  get isMine() {
    return this.#takenAt > 0;
  }

  take() {
    this.#takenAt = performance.timeOrigin + performance.now();
    this.#tabs.postMessage(this.#takenAt);
  }
}
