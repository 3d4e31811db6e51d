/** Anything can be thrown, also what cannot be made a string: an object without a prototype, for instance. */
export function messageOf(error: unknown): string {
  try {
    if (!(error instanceof Error)) {
      return String(error);
    }
    return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
  } catch {
    return `a value of type ${typeof error}`;
  }
}
