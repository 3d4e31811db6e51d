import type { SseBackplane, SseBackplaneHealth } from './backplane.js';
import { isOutage } from './outage.js';

/** @returns in so many milliseconds; undefined for a backplane that cannot tell */
export async function askForHealth(
  backplane: SseBackplane,
  timeoutMs: number,
): Promise<SseBackplaneHealth | undefined> {
  const timeout = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  // Not left to the backplane: somebody else's may not listen to the signal.
  const tooLate = new Promise<SseBackplaneHealth>((resolve) => {
    timer = setTimeout(() => {
      resolve({ status: 'degraded', reason: 'timeout' });
      timeout.abort();
    }, timeoutMs);
  });
  try {
    return await Promise.race([backplane.health?.(timeout.signal), tooLate]);
  } catch (error) {
    return healthAfter(error);
  } finally {
    clearTimeout(timer);
  }
}

/** What a failure says about the health of a backplane. */
function healthAfter(error: unknown): SseBackplaneHealth {
  if (!isOutage(error)) {
    return { status: 'down' };
  }
  return { status: error.reason === 'stopped' ? 'down' : 'degraded', reason: error.reason };
}
