import { SseError } from './sse-error.js';

/** The part of a message that is at fault; `message` when it is no message at all. */
export type SseMessageField = 'id' | 'event' | 'data' | 'retry' | 'comment' | 'message';

/** A message that cannot be sent. It is refused before a byte of it is produced, so the stream it was for lives on. */
export class SseInvalidMessageError extends SseError {
  readonly code = 'SSE_INVALID_MESSAGE';

  /**
   * @param field what is at fault
   * @param problem the end of a sentence that starts with the field's name
   */
  constructor(
    readonly field: SseMessageField,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`Cannot send this message: ${field === 'message' ? 'it' : `its ${field}`} ${problem}`, options);
  }
}
