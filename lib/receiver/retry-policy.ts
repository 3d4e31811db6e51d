import { type SseOptionProblem } from '../protocol/index.js';
import {
  assertOptions,
  count,
  durationMs,
  findOptionProblems,
  MAX_TIMER_MS,
  type OptionRules,
} from '../protocol/internal.js';
import type { SseConnectionOutcome } from './connection-state.js';

/** What a retry policy knows about the connection that was just lost. */
export interface RetryContext {
  /** How many connections were lost in a row, this one included. One that has proved good begins a new row. */
  readonly attempt: number;
  /** Milliseconds since the first connection of the row was lost; 0 when it is this one. */
  readonly elapsedMs: number;
  /** The longest wait in milliseconds that the server asked for, by `retry:` or `Retry-After`; absent if it did not. */
  readonly serverDelayMs?: number;
  /** How the connection was lost. */
  readonly outcome: Omit<SseConnectionOutcome, 'willRetry' | 'nextDelayMs'>;
}

/**
 * Decides when the next connection is made. It is asked once after every lost connection that may be made again, a
 * clean end included, and must answer at once; it is never asked about failures that are final (see `statusPolicy`).
 * One policy may serve several subscriptions: what it needs to know comes with the context.
 */
export interface RetryPolicy {
  /**
   * @returns milliseconds to wait, which Node's timers bound to 2^31-1, or `undefined` to give up: the subscription
   *   then ends with an {@link SseConnectError}
   */
  nextDelayMs(context: RetryContext): number | undefined;
  /**
   * After how many milliseconds a connection has proved good without a message, too, so that its loss is the first one of a
   * new row. Default 30,000.
   */
  readonly healthyAfterMs?: number;
}

/** What counts where a policy does not say. */
export const HEALTHY_AFTER_MS = 30_000;

/** Options of the default policy. */
export interface SseRetryOptions {
  /** Random part of the first wait, in milliseconds; it doubles with every connection lost in a row. Default 1,000. */
  readonly baseMs?: number;
  /** Bound of the random part in milliseconds. Default 30,000. */
  readonly maxMs?: number;
  /** How many connections may be lost in a row, the first included; 1 never reconnects. Default: no limit. */
  readonly maxAttempts?: number;
  /**
   * How long a connection must have been open, in milliseconds, to have proved good without a message, too: the next wait
   * is then as short as the first one. Default 30,000.
   */
  readonly healthyAfterMs?: number;
  /** Gives up rather than waiting beyond this many milliseconds since the row began. Default: no limit. */
  readonly maxElapsedMs?: number;
  /** The longest wait in milliseconds that a server may impose. Default 3,600,000 (1 h). */
  readonly maxServerDelayMs?: number;
}

const rules: OptionRules<SseRetryOptions> = {
  baseMs: durationMs(),
  maxMs: durationMs(),
  maxAttempts: count({ min: 1 }),
  healthyAfterMs: durationMs(),
  maxElapsedMs: durationMs(),
  maxServerDelayMs: durationMs(),
};

/** What is wrong with options of the default policy. */
export function findRetryProblems(options: unknown, path = ''): SseOptionProblem[] {
  return findOptionProblems(options, rules, path);
}

/** No wait is shorter, whatever server and dice say: a server that ends at once must not be hammered. */
const FLOOR_MS = 100;
/** Beyond this the bound has long been reached, and 0 · Infinity would be no number. */
const MAX_DOUBLINGS = 40;

/**
 * The default policy: what the server asked for, never shortened, plus full jitter on an exponential bound, so that
 * clients that were dropped together do not come back together.
 * Delay = max(server, 100 ms) + random(0, min(maxMs, baseMs · 2^(attempt - 1))). A redirect that leads nowhere takes a
 * person to mend, and waits for maxMs at least.
 *
 * @example
 * receiver.subscribe(url, { retry: new BackoffRetryPolicy({ baseMs: 500, maxAttempts: 20 }) });
 */
export class BackoffRetryPolicy implements RetryPolicy {
  readonly healthyAfterMs: number;
  private readonly options: SseRetryOptions;
  private readonly random: () => number;

  /**
   * @param random gives numbers from 0 up to 1; for tests
   * @throws SseOptionsError naming every option that cannot be used
   */
  constructor(options: SseRetryOptions = {}, random: () => number = Math.random) {
    assertOptions(findRetryProblems(options));
    this.options = { ...options };
    this.healthyAfterMs = options.healthyAfterMs ?? HEALTHY_AFTER_MS;
    this.random = random;
  }

  nextDelayMs({ attempt, elapsedMs, serverDelayMs = 0, outcome }: RetryContext): number | undefined {
    const { baseMs = 1_000, maxMs = 30_000, maxAttempts, maxElapsedMs, maxServerDelayMs = 3_600_000 } = this.options;
    if (maxAttempts !== undefined && attempt >= maxAttempts) {
      return undefined;
    }
    const least = outcome.kind === 'redirect' ? Math.max(FLOOR_MS, maxMs) : FLOOR_MS;
    const floor = Math.max(least, Math.min(serverDelayMs, maxServerDelayMs));
    const spread = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, MAX_DOUBLINGS));
    const delay = Math.min(MAX_TIMER_MS, floor + this.random() * spread);
    return maxElapsedMs !== undefined && elapsedMs + delay > maxElapsedMs ? undefined : delay;
  }
}

/** For requests that must not be sent twice. */
export const NEVER_RETRY: RetryPolicy = { nextDelayMs: () => undefined };
