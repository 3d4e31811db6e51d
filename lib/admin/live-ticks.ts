import { Injectable, type OnModuleDestroy } from '@nestjs/common';

const TICK_MS = 1000;

/** One timer for all who look on, which runs only while one of them waits. */
@Injectable()
export class LiveTicks implements OnModuleDestroy {
  readonly #waiting = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;

  /** Resolves at the next tick, or when the signal is aborted. */
  next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const wake = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.delete(wake);
        this.#stopUnlessWaited();
        resolve();
      };
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.add(wake);
      this.#timer ??= setTimeout(() => this.#tick(), TICK_MS);
    });
  }

  onModuleDestroy(): void {
    this.#tick();
  }

  #tick(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    this.#stopUnlessWaited();
    for (const wake of waiting) {
      wake();
    }
  }

  #stopUnlessWaited(): void {
    if (this.#waiting.size === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }
}
