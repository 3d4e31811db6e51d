import type { Attributes, Counter } from '@opentelemetry/api';

/**
 * Brings a count that is kept elsewhere, as a plain number, to a counter: by what it has grown since the last time. So what
 * happens for each message of each stream costs an addition. Not an observable counter: those of two modules would be one
 * number that goes up and down, and what was counted after the last collection would be lost at the end.
 */
export class CarriedCount {
  #carried = 0;

  constructor(
    private readonly counter: Counter,
    private readonly read: () => number,
    private readonly attributes: Attributes = {},
  ) {}

  /** Also when it has not grown: that there was nothing is worth knowing. */
  carry(): void {
    const now = this.read();
    this.counter.add(now - this.#carried, this.attributes);
    this.#carried = now;
  }
}
