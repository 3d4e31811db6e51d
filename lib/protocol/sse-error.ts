/**
 * Marks an error as one of this package's, across two installed copies of it and for classes that must extend another
 * base (an exception of a framework): give such a class a property of this name that is `true`.
 */
export const SSE_ERROR_BRAND: unique symbol = Symbol.for('nestjs-event-stream.error');

/**
 * Base of every error that this package throws. `code` is a literal that programs can switch on; the message names
 * the field or option at fault and says what to do.
 */
export abstract class SseError extends Error {
  /** A literal of the class, such as `SSE_OPTIONS`, for programs to switch on. */
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }

  /** On the prototype, so that it shows in no log and no comparison. */
  get [SSE_ERROR_BRAND](): true {
    return true;
  }
}

/**
 * Whether `error` was thrown by this package, whatever class it extends and whichever copy of the package made it.
 *
 * @example
 * try { await pusher.push(message) } catch (error) { if (isSseError(error)) switch (error.code) { ... } }
 */
export function isSseError(error: unknown): error is Error & { readonly code: string } {
  return typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[SSE_ERROR_BRAND] === true;
}
