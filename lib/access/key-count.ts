import type { SseStreamKeys, StreamWatcher } from '../pusher/index.js';
import type { ManagedStream } from '../pusher/internal.js';
import { keyValue } from './key-value.js';

/** Counts the streams of each value of a key, from their making until their response is over. */
export class KeyCount implements StreamWatcher {
  readonly #counts = new Map<string, number>();

  constructor(
    readonly key: string,
    readonly max: number,
  ) {}

  /** Whether there are as many as there may be of the same value. */
  isFull(keys: SseStreamKeys): boolean {
    const value = keyValue(keys, this.key);
    return value !== undefined && this.#countOf(value) >= this.max;
  }

  created({ info }: ManagedStream): void {
    this.#change(info.keys, 1);
  }

  gone({ info }: ManagedStream): void {
    this.#change(info.keys, -1);
  }

  #change(keys: SseStreamKeys, by: 1 | -1): void {
    const value = keyValue(keys, this.key);
    if (value === undefined) {
      return;
    }
    const count = this.#countOf(value) + by;
    if (count > 0) {
      this.#counts.set(value, count);
    } else {
      this.#counts.delete(value);
    }
  }

  #countOf(value: string): number {
    return this.#counts.get(value) ?? 0;
  }
}
