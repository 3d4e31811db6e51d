/** Somebody who is offered what is new. */
export interface GroupReader {
  /**
   * Never throws.
   *
   * @param now milliseconds of `performance.now()`
   * @param turnEnds whether the socket gets time to empty itself from here on
   */
  offer(now: number, turnEnds: boolean): void;
}

/** Readers of a log, all of whom need the same when it has grown. */
export interface LogFollower {
  readonly readers: ReadonlySet<GroupReader>;
  /** While a flush walks over the readers, what one of them gets is kept for the others. */
  beginFlush(): void;
  endFlush(): void;
}
