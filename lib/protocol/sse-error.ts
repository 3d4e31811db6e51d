/**
 * Base of every error that this package throws. `code` is a literal that programs can switch on; the message names
 * the field or option at fault and says what to do.
 */
export abstract class SseError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
