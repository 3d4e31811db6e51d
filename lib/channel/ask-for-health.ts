import type { SseBackplane, SseBackplaneHealth } from './backplane.js';
import { isOutage } from './outage.js';

/** @returns in so many milliseconds; undefined for a backplane that cannot tell */
export async function askForHealth(
  backplane: SseBackplane,
  timeoutMs: number,
): Promise<SseBackplaneHealth | undefined> {
  const timeout = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  // Not left to the backplane: somebody else's may not listen to the signal. One that does has a turn to say what it waits for.
  const tooLate = new Promise<SseBackplaneHealth>((resolve) => {
    timer = setTimeout(() => {
      timeout.abort();
      setImmediate(resolve, TIMED_OUT);
    }, timeoutMs);
  });
  try {
    return await Promise.race([backplane.health?.(timeout.signal), tooLate]);
  } catch (error) {
    return timeout.signal.aborted && !isOutage(error) ? TIMED_OUT : healthAfter(error);
  } finally {
    clearTimeout(timer);
  }
}

const TIMED_OUT = { status: 'degraded', reason: 'timeout' } as const;

/** What a failure says about the health of a backplane. */
function healthAfter(error: unknown): SseBackplaneHealth {
  if (!isOutage(error)) {
    return { status: 'down' };
  }
  return { status: error.reason === 'stopped' ? 'down' : 'degraded', reason: error.reason };
}
