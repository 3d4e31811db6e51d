import { fencedOff } from './cursor.error.js';
import type { SseCursorStore, SseStoredCursor } from './cursor-store.js';

/**
 * Keeps cursors for as long as the process lives: for tests, and for a subscription that is made anew within one process.
 *
 * @example
 * const cursorStore = new MemoryCursorStore();
 * const orders = receiver.subscribe('https://example.com/orders', { name: 'orders', cursorStore });
 */
export class MemoryCursorStore implements SseCursorStore {
  private readonly cursors = new Map<string, SseStoredCursor>();

  async load(source: string): Promise<SseStoredCursor> {
    const before = this.cursors.get(source);
    const cursor = { ...before, fence: (before?.fence ?? 0) + 1 };
    this.cursors.set(source, cursor);
    return { ...cursor };
  }

  async save(source: string, lastEventId: string, fence: number): Promise<void> {
    if (this.cursors.get(source)?.fence !== fence) throw fencedOff(source);
    this.cursors.set(source, { lastEventId, fence });
  }
}
