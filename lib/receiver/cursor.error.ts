import { SseError } from '../protocol/index.js';

/**
 * Why a cursor store did not do what it was asked for:
 * - `fenced`: somebody else has taken the source over; whoever gets this must stop
 * - `unreadable`: what is stored cannot be understood
 * - `unavailable`: the store failed otherwise; see the cause. It is tried again
 */
export type SseCursorErrorReason = 'fenced' | 'unreadable' | 'unavailable';

/** A cursor that could not be loaded, or must not be saved. */
export class SseCursorError extends SseError {
  readonly code = 'SSE_CURSOR';

  constructor(
    readonly reason: SseCursorErrorReason,
    /** The name of the source. */
    readonly source: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What a store throws when somebody else has loaded a source since. */
export function fencedOff(source: string): SseCursorError {
  const message = `The source ${JSON.stringify(source)} was taken over by another subscription with the same cursor store; only one may follow it at a time`;
  return new SseCursorError('fenced', source, message);
}

/**
 * What a store throws when what it keeps of a source is damaged. Not to begin anew: that would lose messages.
 *
 * @param place where the cursor is kept
 */
export function unreadable(source: string, place: string, cause: unknown): SseCursorError {
  const message = `The cursor of the source ${JSON.stringify(source)} cannot be read from ${place}; mend what is there, or remove it and give the option lastEventId`;
  return new SseCursorError('unreadable', source, message, { cause });
}
