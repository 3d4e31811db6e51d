import { Logger } from '@nestjs/common';
import type { SseShedOptions } from './limit-options.js';
import type { LoadProbe } from './load-probe.js';

/**
 * How long a judgement counts. What is judged is the average since the one before, so a single spike refuses nobody for longer,
 * and mostly nobody at all.
 */
const JUDGED_EVERY_MS = 500;

/** Judges whether the process has too much to do for new streams. Asked by each of them, so it needs no timer. */
export class LoadShedder {
  readonly #limits: SseShedOptions;
  readonly #probe: LoadProbe;
  readonly #now: () => number;
  readonly #logger = new Logger('SseLimits');
  #judgedAt = Number.NEGATIVE_INFINITY;
  #overload: string | undefined;

  /** @param now milliseconds of a clock that never goes back */
  constructor(limits: SseShedOptions, probe: LoadProbe, now = () => performance.now()) {
    this.#limits = limits;
    this.#probe = probe;
    this.#now = now;
  }

  get overloaded(): boolean {
    const now = this.#now();
    if (now - this.#judgedAt >= JUDGED_EVERY_MS) {
      this.#judgedAt = now;
      const before = this.#overload;
      this.#overload = this.#judge();
      this.#tell(before);
    }
    return this.#overload !== undefined;
  }

  #judge(): string | undefined {
    const { maxEventLoopDelayMs, maxHeapUsedRatio } = this.#limits;
    // Both are asked each time, so that each goes by what has happened since the last time.
    const delayMs = maxEventLoopDelayMs === undefined ? 0 : this.#probe.eventLoopDelayMs();
    const ratio = maxHeapUsedRatio === undefined ? 0 : this.#probe.heapUsedRatio();
    if (maxEventLoopDelayMs !== undefined && delayMs > maxEventLoopDelayMs) {
      return `the event loop is ${Math.round(delayMs)} ms late, over maxEventLoopDelayMs ${maxEventLoopDelayMs}`;
    }
    if (maxHeapUsedRatio !== undefined && ratio > maxHeapUsedRatio) {
      return `${Math.round(ratio * 100)} % of the heap is in use, over maxHeapUsedRatio ${maxHeapUsedRatio}`;
    }
    return undefined;
  }

  #tell(before: string | undefined): void {
    if (this.#overload !== undefined && before === undefined) {
      this.#logger.warn(`New streams are refused: ${this.#overload}`);
    } else if (this.#overload === undefined && before !== undefined) {
      this.#logger.log('New streams are taken again');
    }
  }
}
