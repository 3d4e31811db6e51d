import { SseError } from '../protocol/index.js';

/** Sources were asked for while modules could still add some, or were to be restarted before they had begun. */
export class SseSourcesNotReadyError extends SseError {
  readonly code = 'SSE_SOURCES_NOT_READY';

  constructor() {
    super(
      'The sources are not there before the modules are: ask for them in onApplicationBootstrap() or later, and restart ' +
        'them when the application has started.',
    );
  }
}
