import { SseError } from '../protocol/index.js';

/** A method of `@OnSseEvent()` belongs to a class of which there is an instance for each request, or each consumer. */
export class SseHandlerScopeError extends SseError {
  readonly code = 'SSE_HANDLER_SCOPE';

  constructor(
    /** The name of the class. */
    readonly className: string,
    /** The name of the method. */
    readonly method: string,
    scope: 'request-scoped' | 'transient',
  ) {
    const own = scope === 'transient' ? 'is transient' : 'is request-scoped, itself or by what it injects';
    super(
      `${className}.${method} has @OnSseEvent(), but ${className} ${own}, and events belong to no request. ` +
        'Give the class the default scope, and get what is request-scoped with ModuleRef.resolve() in the method.',
    );
  }
}
