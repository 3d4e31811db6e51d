/** The samples of the last minutes, and the proof that none of them is missing or doubled. */
export class SampleLog {
  samples = [];
  received = 0;
  doubled = 0;
  holes = 0;
  /** Samples still to come that were taken while the connection was lost. */
  #toReplay = 0;
  #lastId;

  /** @param {number} spanMs how far back to keep */
  constructor(spanMs) {
    this.spanMs = spanMs;
  }

  expectReplay(count) {
    this.#toReplay = count;
  }

  /** After a hole that the server has told: all that is newer comes anew. */
  continueFrom(id) {
    this.#lastId = id;
    this.samples = this.samples.filter((sample) => sample.id <= id);
  }

  add(sample) {
    this.received++;
    if (this.#lastId !== undefined && sample.id <= this.#lastId) {
      this.doubled++;
      return;
    }
    if (this.#lastId !== undefined && sample.previousId !== this.#lastId) this.holes++;
    this.#lastId = sample.id;
    const replayed = this.#toReplay > 0;
    if (replayed) this.#toReplay--;
    this.samples.push({ ...sample, replayed });
    this.samples = this.samples.filter(({ at }) => at >= sample.at - this.spanMs);
  }

  get newest() {
    return this.samples.at(-1);
  }
}
