import { SseBackplaneError } from '../channel/index.js';
import { isSseError } from '../protocol/index.js';

/** What `error.type` is of a failure: never its text, which may hold anything. */
export function errorTypeOf(error: unknown): string {
  if (error instanceof SseBackplaneError) return error.reason;
  if (isSseError(error)) return error.code;
  return error instanceof Error ? error.name : '_OTHER';
}
