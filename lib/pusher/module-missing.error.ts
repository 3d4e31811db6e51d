import { SseError } from '../protocol/index.js';

/** A route with `@SseStream()` was requested in an application that does not provide the pusher factory to it. */
export class SseModuleMissingError extends SseError {
  readonly code = 'SSE_MODULE_MISSING';

  constructor(route: string) {
    super(
      `${route} streams events, but SsePusherFactory was not found. Import SseModule.forRoot() in the root module.`,
    );
  }
}
