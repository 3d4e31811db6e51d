/** How long whoever could not take all of a turn's messages is waited for, in milliseconds. */
export const GRACE_MS = 1000;

/** A reader as it is spared. */
export interface SparedReader {
  /** Everything up to here was written to it. */
  readonly position: number;
}

/** What is not to be forgotten yet. */
export interface Spared {
  /** Messages after this position, */
  readonly after: number;
  /** unless those after this one, which came later than what was too much, are more than history holds. */
  readonly through: number;
}

/**
 * Spares readers that were well until one turn of the event loop brought more than their sockets take: nothing that they
 * need is forgotten for a moment, though it is beyond the bounds of history. Without it, a burst in one turn would be a gap
 * to everybody, for no socket empties itself within the turn. It is kept once, in the logs, not once for each reader; and
 * only what one turn has brought, so that a reader that does not read costs no more than that.
 */
export class Grace {
  readonly #readers = new Map<SparedReader, { readonly until: number; through: number | undefined }>();

  /** @returns whether it is the only one, so that somebody has to look again when its time is over */
  spare(reader: SparedReader, now: number): boolean {
    this.#readers.set(reader, { until: now + GRACE_MS, through: undefined });
    return this.#readers.size === 1;
  }

  /** @param through newest position of what the turn has brought */
  endTurn(through: number): void {
    for (const grace of this.#readers.values()) {
      grace.through ??= through;
    }
  }

  /** It has caught up, or is gone. @returns whether nobody is spared any more */
  end(reader: SparedReader): boolean {
    return this.#readers.delete(reader) && this.#readers.size === 0;
  }

  /** What is needed still, if anything is. */
  needed(now: number): Spared | undefined {
    let after = Number.POSITIVE_INFINITY;
    let through = Number.POSITIVE_INFINITY;
    for (const [reader, grace] of this.#readers) {
      if (grace.until <= now) {
        this.#readers.delete(reader);
      } else {
        after = Math.min(after, reader.position);
        through = Math.min(through, grace.through ?? Number.POSITIVE_INFINITY);
      }
    }
    return this.#readers.size > 0 ? { after, through } : undefined;
  }
}
