import { SseError } from './sse-error.js';

/** A message could not be written because the writable has ended, was destroyed or failed; `cause` says how, where known. */
export class SseWriteError extends SseError {
  readonly code = 'SSE_WRITE';
}
