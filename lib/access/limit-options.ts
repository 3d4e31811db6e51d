/** How many streams there may be at once; given to the module. Whatever is refused is so before its stream opens. */
export interface SseLimitOptions {
  /**
   * Streams of this process at once. Each counts from its request until its response is over: also while its head is held, and
   * while a slow peer still reads the end. What is beyond gets 503. Default: no limit.
   */
  maxStreams?: number;
  /**
   * Streams at once of the same user, tenant, address or whatever the option `keys` names: `{ user: 5, ip: 50 }`. What is beyond
   * gets 429. A stream for which `keys` gives nothing of that name is not limited by it. Default: no limits.
   */
  per?: Readonly<Record<string, number | SseKeyLimit>>;
  /**
   * What a request gets that is over a limit. `'status'`: 429 or 503 with `Retry-After`, after which EventSource never comes
   * back; `'reconnect'`: 200, a jittered `retry:` and an end, after which it does. Default `'status'`.
   */
  refuseWith?: 'status' | 'reconnect';
  /** Name of the last event of a stream that makes room for a newer one. Default `replaced`. */
  replacedEvent?: string;
  /** Refuses new streams while the process has too much to do; those that are there stay. Default: never. */
  shed?: SseShedOptions;
}

/** A limit for the streams that have a key in common. */
export interface SseKeyLimit {
  /** Streams at once, 1 at least. */
  max: number;
  /**
   * `'refuse'`: the newest request gets 429. `'replace-oldest'`: when its stream opens, the one that has been open for longest
   * ends with the event {@link SseLimitOptions.replacedEvent}, and does not come back by itself. Default `'refuse'`.
   */
  onFull?: 'refuse' | 'replace-oldest';
}

/** When a process has too much to do for new streams. Both are looked at every half second at most. */
export interface SseShedOptions {
  /** Milliseconds by which the event loop may be late, on average since it was last looked at. Default: not looked at. */
  maxEventLoopDelayMs?: number;
  /**
   * Share of the largest heap that V8 would make, from 0 to 1, that may be in use. What is not yet collected counts, so
   * below 0.8 a healthy process may refuse streams between two collections. Default: not looked at.
   */
  maxHeapUsedRatio?: number;
  /** As {@link SseLimitOptions.refuseWith}, with 503. Default `'reconnect'`: the next try may reach another instance. */
  refuseWith?: 'status' | 'reconnect';
}
