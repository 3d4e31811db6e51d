import { isSseError } from '../protocol/index.js';
import type { SseBackplaneError } from './backplane.error.js';

/** Whether something failed because the backplane is away: what is to be done then is to wait. */
export function isOutage(error: unknown): error is SseBackplaneError {
  // Not by its class: a backplane may come with another copy of the package.
  return isSseError(error) && error.code === 'SSE_BACKPLANE';
}
