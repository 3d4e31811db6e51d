import { startLimit } from './real-time.js';

/** Those who wait for something to be so. The first to come is the first to be asked. */
export class Waiters {
  readonly #waiting = new Set<() => void>();

  /** Asks everybody, for something has changed. */
  look(): void {
    for (const look of [...this.#waiting]) {
      look();
    }
  }

  /**
   * @param find what is waited for, or `undefined` if it is not there yet; what it throws is what the promise rejects with
   * @param limitMs real time in which it has to be there; 0 = for ever
   */
  until<T>(find: () => T | undefined, limitMs: number, tooLate: () => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#waiting.delete(look);
        callOff();
      };
      const look = () => {
        try {
          const found = find();
          if (found !== undefined) {
            stop();
            resolve(found);
          }
        } catch (error) {
          stop();
          reject(error);
        }
      };
      const callOff = startLimit(limitMs, () => {
        stop();
        reject(tooLate());
      });
      this.#waiting.add(look);
      look();
    });
  }
}
