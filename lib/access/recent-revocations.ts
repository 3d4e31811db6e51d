import type { SseStreamInfo } from '../pusher/index.js';
import { matches, type SseStreamFilter } from './stream-filter.js';

/** Longer than a guard takes to answer. */
const KEPT_MS = 10_000;

/**
 * Remembers for a moment what was revoked: a request whose guards had answered by then, and whose stream opens only now, is
 * none of the streams that were closed.
 */
export class RecentRevocations {
  #recent: { readonly filter: SseStreamFilter; readonly until: number }[] = [];

  add(filter: SseStreamFilter): void {
    const now = performance.now();
    this.#forget(now);
    this.#recent.push({ filter, until: now + KEPT_MS });
  }

  concerns(stream: SseStreamInfo): boolean {
    if (this.#recent.length === 0) {
      return false;
    }
    this.#forget(performance.now());
    return this.#recent.some(({ filter }) => matches(filter, stream));
  }

  #forget(now: number): void {
    if (this.#recent[0] && this.#recent[0].until <= now) {
      this.#recent = this.#recent.filter(({ until }) => until > now);
    }
  }
}
