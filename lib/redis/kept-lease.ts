import { type SseLease, SseLeaseLostError, type SseLeaseLostReason } from '../sources/index.js';

/** How a lease is kept, wherever that is. */
export interface LeaseKeeping {
  readonly source: string;
  readonly ttlMs: number;
  /**
   * Asks for `ttlMs` more.
   *
   * @param signal aborted when nobody wants to know any more
   * @returns whether it is ours still; rejects when nobody knows
   */
  renew(signal: AbortSignal): Promise<boolean>;
  /** Never rejects. */
  release(): Promise<void>;
}

/** What clocks may differ by, and how long it may take until all has stopped, as a part of `ttlMs`. */
const MARGIN = 1 / 10;

/** A renewal that failed is tried again sooner. */
const RENEW_AFTER = 1 / 3;
const TRY_AGAIN_AFTER = 1 / 10;

/** How long a lease that was asked for at a time counts, by the clock of this process. */
export function countsUntil(askedAt: number, ttlMs: number): number {
  return askedAt + ttlMs * (1 - MARGIN);
}

/**
 * A lease that is renewed until it is released or lost. It counts from when it was asked for, by the own monotonic clock, and
 * so ends before the store, which counts from when it was asked, gives it to anybody else.
 */
export class KeptLease implements SseLease {
  readonly #keeping: LeaseKeeping;
  readonly #aborter = new AbortController();
  readonly #renewals = new AbortController();
  #heldUntil: number;
  #isOver = false;
  #expiry: NodeJS.Timeout | undefined;
  #next: NodeJS.Timeout | undefined;

  /** @param askedAt when it was asked for, as `performance.now()` said then */
  constructor(keeping: LeaseKeeping, askedAt: number) {
    this.#keeping = keeping;
    this.#heldUntil = countsUntil(askedAt, keeping.ttlMs);
    this.#watch();
    this.#renewAfter(keeping.ttlMs * RENEW_AFTER);
  }

  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  isHeld(): boolean {
    if (!this.#isOver && performance.now() >= this.#heldUntil) this.#lose('expired');
    return !this.#isOver;
  }

  async release(): Promise<void> {
    this.#stop();
    await this.#keeping.release();
  }

  #watch(): void {
    clearTimeout(this.#expiry);
    // Timers may be a little early.
    this.#expiry = setTimeout(() => this.isHeld() && this.#watch(), Math.ceil(this.#heldUntil - performance.now()));
  }

  #renewAfter(delayMs: number): void {
    this.#next = setTimeout(() => this.#renew(), delayMs);
  }

  async #renew(): Promise<void> {
    const { ttlMs } = this.#keeping;
    const askedAt = performance.now();
    const isOurs = await this.#keeping.renew(this.#renewals.signal).catch(() => undefined);
    // An answer that comes when it is lost already does not bring it back.
    if (!this.isHeld()) return;
    if (isOurs === false) {
      this.#lose('taken');
    } else if (isOurs) {
      this.#heldUntil = countsUntil(askedAt, ttlMs);
      this.#watch();
      this.#renewAfter(ttlMs * RENEW_AFTER);
    } else {
      this.#renewAfter(ttlMs * TRY_AGAIN_AFTER);
    }
  }

  #lose(reason: SseLeaseLostReason): void {
    this.#stop();
    this.#aborter.abort(new SseLeaseLostError(this.#keeping.source, reason));
  }

  #stop(): void {
    this.#isOver = true;
    this.#renewals.abort();
    clearTimeout(this.#expiry);
    clearTimeout(this.#next);
  }
}
