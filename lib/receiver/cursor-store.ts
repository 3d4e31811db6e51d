/** Where a source was left the last time, and the right to go on from there. */
export interface SseStoredCursor {
  /** The id that was saved last; absent when none ever was. The empty string is a cursor too: the server cleared its id. */
  readonly lastEventId?: string;
  /** A number greater than every fence that was given out for this source before: it goes with each save. */
  readonly fence: number;
}

/**
 * Keeps the cursors of sources between two lives of a process. Whoever loads a cursor takes the source over: an earlier
 * holder that is still alive (paused, or on its way out of a deploy) can no longer move the cursor, so it never goes
 * backwards.
 *
 * Both methods may be called for several sources at once, but a save for a source never begins before the one before it
 * has settled. Both may fail at any time: they are called again.
 */
export interface SseCursorStore {
  /**
   * Takes a source over.
   *
   * @param source the option `name` of the subscription, any text; never to be used as a path or a key as it is
   */
  load(source: string): Promise<SseStoredCursor>;
  /**
   * Saves a cursor. It is safe when the promise resolves: whoever loads the source after that gets it, or a later one.
   *
   * @param fence the one that was loaded
   * @throws SseCursorError `fenced` (as a rejection) when somebody else has loaded the source since: nothing is saved,
   *   and the subscription ends
   */
  save(source: string, lastEventId: string, fence: number): Promise<void>;
  /**
   * The subscription that has loaded the source has ended: a store may let go of what it holds open for it. A save that was
   * begun before goes on, one more may follow, and the source may be loaded again.
   */
  release?(source: string): void;
}
