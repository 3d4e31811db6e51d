import type { Type } from '@nestjs/common';
import type { ReceivedMessage } from '../protocol/index.js';
import type { SseDeadLetters } from './dead-letters.js';

/** What a method of `@OnSseEvent()` gets beside the message. */
export interface SseEventContext {
  /** The name of the source. */
  readonly source: string;
  /** The event that the decorator names; absent for a handler of every event. */
  readonly event?: string;
  /** 1 for the first call with this message, 2 for the one after it failed, ... */
  readonly attempt: number;
  /**
   * Aborted when the application shuts down, or the source's subscription is closed: finish soon, or throw. Its reason is an
   * `SseLeaseLostError` when this instance has lost the source's `lease`: then another one begins with this message, so stop.
   * Made when it is first read, so a copy by `{ ...context }` has none.
   */
  readonly signal: AbortSignal;
}

/** Options of `@OnSseEvent()`. */
export interface SseEventHandlerOptions {
  /** How often the method is called with a message before it counts as failed. Default 3; 1 = no second try. */
  readonly attempts?: number;
  /**
   * What happens with a message when the last attempt has failed. `'stop'`: nothing more is received from the source until
   * `SseSources.restart()` or, with a `cursorStore`, the next start of the application, which begin with this message.
   * (Without one, a new process does not know of it.) `'skip'`: an error is logged, and the source goes on. A class: the
   * provider of this class, of which there must be one, gets the message, then the source goes on. Default `'stop'`.
   */
  readonly onFailure?: 'stop' | 'skip' | Type<SseDeadLetters>;
}

/** The methods that `@OnSseEvent()` can be put on; a promise or an Observable that they return is waited for. */
export type SseEventHandler = (message: ReceivedMessage, context: SseEventContext) => unknown;
