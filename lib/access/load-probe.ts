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

/** How often the loop is watched. A loop that has nothing to do shows this, and no less, between two looks. */
const RESOLUTION_MS = 10;

const NS_PER_MS = 1e6;

/** Watches the event loop only once somebody asks about it, and does not keep the process alive. */
export class NodeLoadProbe implements LoadProbe, OnApplicationShutdown {
  readonly #monitor: typeof monitorEventLoopDelay;
  #delays: IntervalHistogram | undefined;

  constructor(monitor = monitorEventLoopDelay) {
    this.#monitor = monitor;
  }

  eventLoopDelayMs(): number {
    if (!this.#delays) {
      this.#delays = this.#monitor({ resolution: RESOLUTION_MS });
      this.#delays.enable();
      return 0;
    }
    const betweenLooksMs = this.#delays.mean / NS_PER_MS;
    this.#delays.reset();
    // NaN when there was no look since.
    return Math.max(0, (betweenLooksMs || 0) - RESOLUTION_MS);
  }

  heapUsedRatio(): number {
    const { used_heap_size, heap_size_limit } = getHeapStatistics();
    return used_heap_size / heap_size_limit;
  }

  onApplicationShutdown(): void {
    this.#delays?.disable();
  }
}
