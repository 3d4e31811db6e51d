import { SseError } from '../protocol/index.js';

/**
 * Why what a test waited for cannot be had:
 *
 * - `timeout`: it has not come in time
 * - `ended`: the server has ended the stream
 * - `cut`: the connection was lost in the middle of the response, or before there was one
 * - `left`: the test itself has left the stream
 * - `refused`: the response is no event stream
 * - `held`: the head of the response is not there yet
 */
export type SseTestProblem = 'timeout' | 'ended' | 'cut' | 'left' | 'refused' | 'held';

/** What a test waited for has not come. The message tells what has, up to then. */
export class SseTestError extends SseError {
  readonly code = 'SSE_TEST';

  constructor(
    readonly problem: SseTestProblem,
    what: string,
    options?: ErrorOptions,
  ) {
    super(what, options);
  }
}
