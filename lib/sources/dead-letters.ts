import type { ReceivedMessage } from '../protocol/index.js';

/** Why a message could not be handled. */
export interface SseDeadLetterFailure {
  /** The name of the source. */
  readonly source: string;
  /** The class and method that failed, such as `Invoices.markPaid`. */
  readonly handler: string;
  /** How often it was called with the message. */
  readonly attempts: number;
  /** What it threw the last time. */
  readonly error: unknown;
}

/**
 * Keeps messages that a handler could not deal with. A provider that does so is named by its class, as `onFailure` of
 * `@OnSseEvent()`.
 */
export interface SseDeadLetters {
  /**
   * The source goes on when this has resolved. What it throws stops the source, before the message, as `onFailure: 'stop'`
   * does. A message may come more than once.
   */
  deadLetter(message: ReceivedMessage, failure: SseDeadLetterFailure): void | Promise<void>;
}
