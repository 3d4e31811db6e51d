import { SseError } from '../protocol/index.js';

/** A message that `push()` refused, for too much already waits for a slow peer. Nothing of it was sent. */
export class SseOverflowError extends SseError {
  readonly code = 'SSE_OVERFLOW';

  constructor(
    /** Bytes of the message. */
    readonly messageBytes: number,
    /** Bytes that wait already. */
    readonly bufferedBytes: number,
    /** The option `maxBufferedBytes`. */
    readonly maxBufferedBytes: number,
  ) {
    super(
      `A message of ${messageBytes} bytes does not fit: ${bufferedBytes} of at most ${maxBufferedBytes} bytes ` +
        `(option 'maxBufferedBytes') wait for the peer. Await push() before the next one, or raise the option.`,
    );
  }
}
