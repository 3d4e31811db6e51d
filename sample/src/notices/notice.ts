/** What somebody has put up on the board. */
export interface Notice {
  readonly text: string;
  /** Milliseconds since 1970, by the server's clock; an instance makes it grow from each notice to the next. */
  readonly at: number;
}

/** What a stream of notices begins with. */
export interface BoardOpened {
  /** Whether the client comes back, with the id of what it saw last. */
  readonly resumed: boolean;
  /** `at` of the newest notice: those up to it were up before the client came. 0 for an empty board. */
  readonly newestAt: number;
}
