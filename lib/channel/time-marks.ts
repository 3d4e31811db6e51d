/** How far apart two marks are at least, in milliseconds. */
export const MARK_MS = 10_000;

interface Mark {
  readonly at: number;
  /** The newest position when the mark was made. */
  readonly seq: number;
}

/**
 * Remembers roughly when positions were given, in a few bytes for all channels together. A channel that has been forgotten,
 * for nothing of it was kept any more, is judged by them: a subscriber that was up to date less than a retention period ago
 * has lost nothing of it.
 */
export class TimeMarks {
  readonly #marks: Mark[] = [];
  #keptMs = 0;

  /** Marks that are kept. */
  get size(): number {
    return this.#marks.length;
  }

  /** To be told of before a position is given. @param seq the newest one so far */
  note(now: number, seq: number): void {
    const last = this.#marks.at(-1);
    if (last && now - last.at < MARK_MS) {
      return;
    }
    this.#marks.push({ at: now, seq });
    const old = this.#marks.findIndex(({ at }) => at >= now - this.#keptMs - MARK_MS);
    this.#marks.splice(0, old);
  }

  /**
   * A position that a subscriber of the last `retentionMs` cannot have been below, and below which whatever is older than
   * that, by a mark at least, lies.
   *
   * @param newest the newest position, which is the answer when nothing was published since
   */
  positionBefore(now: number, retentionMs: number, newest: number): number {
    this.#keptMs = Math.max(this.#keptMs, retentionMs);
    return this.#marks.find(({ at }) => at >= now - retentionMs - MARK_MS)?.seq ?? newest;
  }
}
