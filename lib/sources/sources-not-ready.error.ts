import { SseError } from '../protocol/index.js';

/** Sources were asked for while modules could still add some. */
export class SseSourcesNotReadyError extends SseError {
  readonly code = 'SSE_SOURCES_NOT_READY';

  constructor() {
    super('The sources are not known before the modules are: ask for them in onApplicationBootstrap() or later.');
  }
}
