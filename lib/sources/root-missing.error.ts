import { SseError } from '../protocol/index.js';

/** A module has sources for an application that does not run any. */
export class SseRootMissingError extends SseError {
  readonly code = 'SSE_ROOT_MISSING';

  constructor() {
    super(
      'SseModule.forFeature() adds to what SseModule.forRoot() runs: import SseModule.forRoot() in the root module.',
    );
  }
}
