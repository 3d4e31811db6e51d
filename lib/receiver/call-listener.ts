/**
 * Calls a function that was passed in and whose result is nobody's concern, but for its failure. An asynchronous function
 * is one that returns nothing, to TypeScript: its rejection would end the process.
 */
export function callListener<T>(listener: (value: T) => void, value: T, onFailure: (error: Error) => void): void {
  const fail = (cause: unknown) =>
    onFailure(
      cause instanceof Error ? cause : new Error(`${listener.name || 'A listener'} threw what is no Error`, { cause }),
    );
  try {
    const done: unknown = listener(value);
    if (typeof done === 'object' && done !== null && 'then' in done) (done as Promise<void>).then(undefined, fail);
  } catch (cause) {
    fail(cause);
  }
}
