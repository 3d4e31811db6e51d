import type { RetryContext, RetryPolicy } from 'nestjs-event-stream';

/** Every 5 s, give or take; but a server that has been out of service for an hour is given up. */
export class SteadyPolicy implements RetryPolicy {
  readonly healthyAfterMs = 60_000;

  nextDelayMs({ elapsedMs, serverDelayMs = 0, outcome }: RetryContext): number | undefined {
    if (outcome.status === 503 && elapsedMs > 3_600_000) return undefined;
    return Math.max(serverDelayMs, 4_000) + Math.random() * 2_000;
  }
}
