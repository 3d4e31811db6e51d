import { SseError } from './sse-error.js';

/** `detectBuffering()` has found no answer: nothing at the URL streams a probe, or it was cut off. */
export class SseProbeError extends SseError {
  readonly code = 'SSE_PROBE';
}
