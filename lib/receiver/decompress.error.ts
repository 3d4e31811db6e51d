import { SseError } from '../protocol/index.js';

/**
 * Why a compressed response cannot be read any further:
 * - `too-compressed`: it grew out of all proportion, as only decompression bombs do
 * - `corrupt`: its bytes are not what its `Content-Encoding` says; the cause is what zlib found
 */
export type SseDecompressErrorReason = 'too-compressed' | 'corrupt';

/**
 * A compressed event stream that cannot be decompressed. One that is corrupt is tried again, for it may have been cut or
 * mixed up on the way; one that is too compressed is final.
 *
 * @example
 * catch (error) {
 *   if (error instanceof SseDecompressError && error.reason === 'too-compressed') { ... }
 * }
 */
export class SseDecompressError extends SseError {
  readonly code = 'SSE_DECOMPRESS';

  constructor(
    readonly reason: SseDecompressErrorReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
