import { SseError } from '../protocol/index.js';

/** More messages waited for a consumer than its `maxBuffered` allows, and its `overflow` is `fail`. */
export class SseBacklogError extends SseError {
  readonly code = 'SSE_BACKLOG';

  constructor(
    /** The bound that was passed, in messages. */
    readonly maxBuffered: number,
  ) {
    super(
      `More than ${maxBuffered} messages wait for a consumer that is slower than the stream. Raise maxBuffered, or choose overflow 'pause' or 'drop-oldest'`,
    );
  }
}
