/** What somebody who waits for a source is told meanwhile. */
export interface SseLeaseWait {
  /** Aborted when it is wanted no more. */
  readonly signal: AbortSignal;
  /**
   * Another instance holds the source. Called when that is first seen, when it is another one than before, and when it is
   * seen again after trouble.
   *
   * @param holder a name for it that helps to find it
   */
  onStandby(holder: string): void;
  /** Who holds the source could not be told; it is tried again. Called for each failure. */
  onTrouble(error: Error): void;
}

/** The right to be the only one that follows a source, for as long as it is kept up. */
export interface SseLease {
  /**
   * Aborted when the right is lost, with an {@link SseLeaseLostError} as its reason: before anybody else can have it. Not by
   * {@link release}.
   */
  readonly signal: AbortSignal;
  /** Looks at the clock: a process that was paused may run again before its timers do. Aborts the signal when it is lost. */
  isHeld(): boolean;
  /** Gives the source up, so that the next one has it at once. Never rejects, and settles in bounded time. */
  release(): Promise<void>;
}

/** Sees to it that one instance at a time follows a source. */
export interface SseLeases {
  /**
   * Waits until this instance holds the source.
   *
   * @param source the name of the source, any text
   * @throws `wait.signal.reason` (as a rejection) when that is aborted, which leaves nothing held
   */
  acquire(source: string, wait: SseLeaseWait): Promise<SseLease>;
}
