import { SseError } from '../protocol/index.js';

/** A message that `push()` refused: it is too large, or too much waits for a slow peer already. Nothing of it was sent. */
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
      messageBytes > maxBufferedBytes
        ? `A message of ${messageBytes} bytes is larger than the option 'maxBufferedBytes', ${maxBufferedBytes}. ` +
            'Send less at once, or raise the option.'
        : `A message of ${messageBytes} bytes does not fit: ${bufferedBytes} of at most ${maxBufferedBytes} bytes ` +
            `(option 'maxBufferedBytes') wait for the peer already. Await each push() before the next one.`,
    );
  }
}

/** @throws SseOverflowError for a message that is too large, or that does not fit beside what waits already */
export function assertFits(messageBytes: number, bufferedBytes: number, maxBufferedBytes: number): void {
  if (bufferedBytes + messageBytes > maxBufferedBytes) {
    throw new SseOverflowError(messageBytes, bufferedBytes, maxBufferedBytes);
  }
}
