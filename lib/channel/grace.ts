/** How long whoever could not take all of a turn's messages is waited for, in milliseconds. */
export const GRACE_MS = 1000;

/** A reader as it is spared. */
export interface Spared {
  /** Everything up to here was written to it. */
  readonly position: number;
}

/**
 * Spares readers that were well until one turn of the event loop brought more than their sockets take: nothing that they
 * need is forgotten for a moment, though it is beyond the bounds of history. Without it, a burst in one turn would be a gap
 * to everybody, for no socket empties itself within the turn. It is kept once, in the logs, not once for each reader.
 */
export class Grace {
  readonly #until = new Map<Spared, number>();

  /** @returns whether it is the only one, so that somebody has to look again when its time is over */
  spare(reader: Spared, now: number): boolean {
    this.#until.set(reader, now + GRACE_MS);
    return this.#until.size === 1;
  }

  /** It has caught up, or is gone. @returns whether nobody is spared any more */
  end(reader: Spared): boolean {
    return this.#until.delete(reader) && this.#until.size === 0;
  }

  /** The position after which everything is needed still. */
  needed(now: number): number {
    let lowest = Number.POSITIVE_INFINITY;
    for (const [reader, until] of this.#until) {
      if (until <= now) {
        this.#until.delete(reader);
      } else {
        lowest = Math.min(lowest, reader.position);
      }
    }
    return lowest;
  }
}
