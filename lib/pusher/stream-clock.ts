import { Logger } from '@nestjs/common';
import { messageOf } from './error-text.js';

/** Something that wants to be asked, now and then, whether anything is due. */
export interface Timed {
  /** @param now milliseconds of `performance.now()` */
  tick(now: number): void;
}

/** A sweep looks this often per period, so that nothing is noticed later than a twelfth of it. */
const SWEEPS_PER_PERIOD = 12;

/** A sweep hands the event loop back after so many streams, so that ten thousand pings do not hold it. */
const SLICE = 256;

/**
 * One timer for all streams that have the same period. A stream stamps the time of its writes, which costs next to
 * nothing, and is asked a few times per period whether it has been silent for too long: a timer of its own per stream
 * would be re-armed at each push.
 */
export class StreamClock {
  readonly #sweeps = new Map<number, Sweep>();

  /**
   * Starts asking. What is due after `periodMs` is noticed never early and at most a twelfth late.
   *
   * @param periodMs nothing when nothing will ever be due
   */
  watch(target: Timed, periodMs: number | undefined): void {
    if (periodMs === undefined) {
      return;
    }
    let sweep = this.#sweeps.get(periodMs);
    if (!sweep) {
      sweep = new Sweep(periodMs);
      this.#sweeps.set(periodMs, sweep);
    }
    sweep.add(target);
  }

  /** Stops asking. Idempotent. */
  unwatch(target: Timed, periodMs: number | undefined): void {
    if (periodMs !== undefined && this.#sweeps.get(periodMs)?.remove(target)) {
      this.#sweeps.delete(periodMs);
    }
  }
}

class Sweep {
  readonly #logger = new Logger('SseStream');
  readonly #targets = new Set<Timed>();
  readonly #timer: NodeJS.Timeout;
  #sweeping = false;
  #hasFailed = false;

  constructor(periodMs: number) {
    this.#timer = setInterval(() => this.#start(), Math.max(1, Math.floor(periodMs / SWEEPS_PER_PERIOD)));
    // The sockets keep the process alive, not their pings.
    this.#timer.unref();
  }

  add(target: Timed): void {
    this.#targets.add(target);
  }

  /** @returns whether nobody is left, in which case the timer has been stopped */
  remove(target: Timed): boolean {
    this.#targets.delete(target);
    if (this.#targets.size > 0) {
      return false;
    }
    clearInterval(this.#timer);
    return true;
  }

  #start(): void {
    if (!this.#sweeping) {
      this.#sweeping = true;
      this.#hasFailed = false;
      this.#slice(this.#targets.values());
    }
  }

  /** A Set's iterator stays valid while targets come and go between two slices. */
  #slice(targets: Iterator<Timed>): void {
    const now = performance.now();
    for (let asked = 0; asked < SLICE; asked++) {
      const { done, value } = targets.next();
      if (done) {
        this.#sweeping = false;
        return;
      }
      try {
        value.tick(now);
      } catch (error) {
        this.#failed(error);
      }
    }
    setImmediate(() => this.#slice(targets));
  }

  /** Whoever throws must not keep all others from being asked. What fails for one fails for many: said once a sweep. */
  #failed(error: unknown): void {
    if (!this.#hasFailed) {
      this.#hasFailed = true;
      const stack = error instanceof Error ? error.stack : undefined;
      this.#logger.error(`Looking after a stream has failed, the others go on: ${messageOf(error)}`, stack);
    }
  }
}
