import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { OnApplicationShutdown } from '@nestjs/common';

/** Injection token of {@link LoadProbe}. */
export const LOAD_PROBE = Symbol('nestjs-event-stream.load-probe');

/** Tells how much this process has to do. */
export interface LoadProbe {
  /** Milliseconds by which the event loop was late on average since the last call; 0 at the first one, which begins to watch. */
  eventLoopDelayMs(): number;
  /** Share of the largest possible heap that is in use, from 0 to 1. */
  heapUsedRatio(): number;
}

/** How often the loop is looked at. This much is between two looks at a loop that has nothing to do. */
const RESOLUTION_MS = 10;

const NS_PER_MS = 1e6;

/** Watches the event loop only once somebody asks about it, and does not keep the process alive. */
export class NodeLoadProbe implements LoadProbe, OnApplicationShutdown {
  readonly #monitor: typeof monitorEventLoopDelay;
  #histogram: IntervalHistogram | undefined;
  #looks = 0;
  #lookedMs = 0;
  #delayMs = 0;

  constructor(monitor = monitorEventLoopDelay) {
    this.#monitor = monitor;
  }

  eventLoopDelayMs(): number {
    this.#histogram ??= this.#startWatching();
    const { count, mean } = this.#histogram;
    // Without a new look the last one counts: a turn of the loop may well take longer than from one question to the next.
    if (count > this.#looks) {
      // The histogram is not reset, for it would then leave out the first look, which may be the only one.
      const lookedMs = (count * mean) / NS_PER_MS;
      this.#delayMs = Math.max(0, (lookedMs - this.#lookedMs) / (count - this.#looks) - RESOLUTION_MS);
      this.#looks = count;
      this.#lookedMs = lookedMs;
    }
    return this.#delayMs;
  }

  heapUsedRatio(): number {
    const { used_heap_size, heap_size_limit } = getHeapStatistics();
    return used_heap_size / heap_size_limit;
  }

  onApplicationShutdown(): void {
    this.#histogram?.disable();
  }

  #startWatching(): IntervalHistogram {
    const histogram = this.#monitor({ resolution: RESOLUTION_MS });
    histogram.enable();
    return histogram;
  }
}
