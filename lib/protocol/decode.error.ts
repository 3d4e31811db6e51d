import { SseError } from './sse-error.js';

/**
 * Why decoding failed:
 * - `too-large`: a message, or a single line, is bigger than `maxMessageBytes`, or an id than `maxIdBytes`
 * - `cut-off`: the stream ended in the middle of a block, and the reader had asked for whole blocks only
 * - `not-bytes`: something that is no `Uint8Array` was given
 * - `ended`: bytes were given after `end()`
 * - `reentrant`: a handler called back into the decoder that was calling it
 */
export type SseDecodeErrorReason = 'too-large' | 'cut-off' | 'not-bytes' | 'ended' | 'reentrant';

/** An event stream that cannot be decoded any further. */
export class SseDecodeError extends SseError {
  readonly code = 'SSE_DECODE';

  constructor(
    readonly reason: SseDecodeErrorReason,
    message: string,
    /** The option whose bound was passed; only with reason `too-large`. */
    readonly option?: 'maxMessageBytes' | 'maxIdBytes',
    /** That bound, in bytes. */
    readonly limit?: number,
  ) {
    super(message);
  }
}

/** The error for a message, or a single line, of more than `limit` bytes. */
export function messageTooLarge(limit: number): SseDecodeError {
  const message = `A message is larger than ${limit} bytes. Raise maxMessageBytes if the server may send such messages.`;
  return new SseDecodeError('too-large', message, 'maxMessageBytes', limit);
}

/** The error for an id of more than `limit` bytes. */
export function idTooLarge(limit: number): SseDecodeError {
  const message = `An id is larger than ${limit} bytes. Raise maxIdBytes if the server may send such ids.`;
  return new SseDecodeError('too-large', message, 'maxIdBytes', limit);
}
