import type { SseConnectionOutcome } from './connection-state.js';

/** How long it takes at least from one connection to the next, whoever ends the first. */
const SHORTEST_MS = 100;

/**
 * What is known from the connections that were lost. It outlives the consumers: whoever leaves in the middle of a wait
 * and comes back (as `timeout()` with `retry()` does) must not turn up at the server sooner than was asked.
 */
export class ReconnectPace {
  /** Connections lost in a row, none of which has proved good. */
  lostInRow = 0;
  /** Whether the last connection got a 401, which this one is to mend with what is made anew for it. */
  isRefreshing = false;
  /** What the last connection failed of, if it did. */
  lastError: Error | undefined;
  rowBeganAt = 0;
  /** The reconnection time of WHATWG HTML, section 9.2.2; stays until the server gives another. */
  serverRetryMs: number | undefined;
  private lastLoss: SseConnectionOutcome | undefined;
  private notBefore = 0;
  private begunAt = Number.NEGATIVE_INFINITY;

  /** A connection is begun. */
  begin(): void {
    this.begunAt = performance.now();
  }

  /** Nobody consumes any more: whoever comes back at once, again and again, must not hammer the server either. */
  leave(): void {
    const delayMs = Math.ceil(this.begunAt + SHORTEST_MS - performance.now());
    if (delayMs <= 0 || this.rest()) return;
    this.hold(delayMs, { kind: 'aborted', attempt: this.lostInRow + 1, willRetry: true, nextDelayMs: delayMs });
  }

  /** A wait begins. */
  hold(delayMs: number, outcome: SseConnectionOutcome): void {
    this.lastLoss = outcome;
    this.notBefore = performance.now() + delayMs;
  }

  /** What is left of the wait that was begun last, in milliseconds, and why it was begun. */
  rest(): { readonly delayMs: number; readonly outcome: SseConnectionOutcome } | undefined {
    const delayMs = Math.ceil(this.notBefore - performance.now());
    return this.lastLoss && delayMs > 0 ? { delayMs, outcome: this.lastLoss } : undefined;
  }
}
