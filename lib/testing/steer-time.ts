import { setImmediate as nextTurn } from 'node:timers/promises';

/** How far the clock is put forward at once: what was due earlier is late by so much at most. */
const STEP_MS = 50;

/** The clock of the process, which the test puts forward. */
export interface SteeredTime {
  /** Lets so many milliseconds go by, and everything that happens in them. */
  pass(ms: number): Promise<void>;
  /** Gives the clock back as it was. */
  restore(): void;
  /** For `using`. The same as {@link restore}. */
  [Symbol.dispose](): void;
}

/**
 * Puts `performance.now()` forward, by which this package judges how old anything is: the history of channels, the ends that
 * are remembered of them, silence, and peers that do not read. Alone it lets these grow old, in the memory of this process.
 * With the mock timers of `node:test`, which leave that clock alone, it makes timers go by as well: pings are sent.
 *
 * Not needed with fake timers that steer `performance.now()` themselves, as those of Jest and Vitest do.
 *
 * @param tick puts the timers forward, such as `(ms) => mock.timers.tick(ms)`
 *
 * @example
 * ```ts
 * mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
 * using time = steerTime((ms) => mock.timers.tick(ms));
 * await time.pass(16_000);
 * await stream.until(() => stream.pings === 1);
 * ```
 */
export function steerTime(tick?: (ms: number) => void): SteeredTime {
  const before = Object.getOwnPropertyDescriptor(performance, 'now');
  const now = performance.now.bind(performance);
  let passed = 0;
  Object.defineProperty(performance, 'now', { configurable: true, writable: true, value: () => now() + passed });
  const restore = () => {
    if (before) {
      Object.defineProperty(performance, 'now', before);
    } else {
      delete (performance as { now?: unknown }).now;
    }
  };
  return {
    async pass(ms) {
      for (let left = ms; left > 0; left -= STEP_MS) {
        const step = Math.min(left, STEP_MS);
        passed += step;
        tick?.(step);
        await nextTurn();
      }
    },
    restore,
    [Symbol.dispose]: restore,
  };
}
