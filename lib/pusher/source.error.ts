import { SseError } from '../protocol/index.js';

/** What a handler returned, or what `pipe()` was given, cannot be streamed. */
export class SseSourceError extends SseError {
  readonly code = 'SSE_SOURCE';

  constructor(problem: string) {
    super(
      `${problem}. A stream comes from an Observable, an AsyncIterable, an Iterable or a ReadableStream of messages, ` +
        'or from a handler that takes @Pusher() and returns nothing.',
    );
  }
}
