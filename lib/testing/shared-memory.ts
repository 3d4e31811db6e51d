import type { SseBackplane } from '../channel/index.js';
import { SharedMemoryBackplane } from './shared-memory-backplane.js';
import { SharedMemoryLog } from './shared-memory-log.js';

/**
 * Joins the applications of a test as Redis joins instances, in the memory of the process: publish at one, be subscribed at
 * another, close a third and come back to a fourth. History and the ends of channels outlive each of them, and grow old by
 * `performance.now()`, which fake timers and `steerTime()` put forward. It never fails: outages are for tests on a Redis.
 *
 * @example
 * ```ts
 * const memory = new SharedMemory();
 * const start = () => Test.createTestingModule({
 *   imports: [SseModule.forRootAsync({ useFactory: () => ({ backplane: memory.backplane() }) }), OrdersModule],
 * }).compile();
 * const [one, other] = [await start(), await start()];
 * ```
 */
export class SharedMemory {
  readonly #log = new SharedMemoryLog();

  /** For the module's option `backplane` of one application: another one for each. */
  backplane(): SseBackplane {
    return new SharedMemoryBackplane(this.#log);
  }
}
