import type { SseCursorStore, SseStoredCursor } from '../receiver/index.js';
import { fencedOff } from '../receiver/internal.js';
import type { SseLease } from './leases.js';

/** A store that takes nothing from an instance that has lost its lease, however well the store itself tells fences apart. */
export class LeasedCursorStore implements SseCursorStore {
  constructor(
    private readonly store: SseCursorStore,
    private readonly lease: Pick<SseLease, 'isHeld'>,
  ) {}

  /** Not either, for a load would fence off whoever holds the source now. */
  async load(source: string): Promise<SseStoredCursor> {
    this.assertHeld(source);
    return this.store.load(source);
  }

  async save(source: string, lastEventId: string, fence: number): Promise<void> {
    this.assertHeld(source);
    await this.store.save(source, lastEventId, fence);
  }

  release(source: string): void {
    this.store.release?.(source);
  }

  private assertHeld(source: string): void {
    if (!this.lease.isHeld()) throw fencedOff(source);
  }
}
