/** What took too long. */
export class TooLate extends Error {}

/**
 * Runs something with a signal that is aborted after so many milliseconds, with {@link TooLate}.
 *
 * @param outer aborts it, too
 */
export async function withDeadline<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new TooLate(`It took longer than ${ms} ms.`)), ms);
  const abort = () => controller.abort(outer?.reason);
  outer?.addEventListener('abort', abort, { once: true });
  if (outer?.aborted) {
    abort();
  }
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', abort);
  }
}
