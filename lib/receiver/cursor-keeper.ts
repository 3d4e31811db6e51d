import { isSseError } from '../protocol/index.js';
import { SseCursorError } from './cursor.error.js';
import type { SseCursorStore, SseStoredCursor } from './cursor-store.js';

/** What the keeper tells its owner. */
export interface CursorKeeperEvents {
  /** Somebody else has taken the source over: this one must stop. Nothing is saved any more. */
  onFenced(error: SseCursorError): void;
  /** A cursor could not be saved; it is tried again, unless `isLast`. */
  onTrouble(error: unknown, isLast: boolean): void;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
/** How long a load that was given up already is waited for when it may be the reason for a refused save. */
const LOAD_TIMEOUT_MS = 5_000;
/** How long an end waits for a store that does not answer. */
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * Keeps the cursor of one source in a store. One save at a time, of the newest cursor there is: where messages are
 * finished faster than the store saves, those in between are never saved, and none has to wait. What a crash loses is
 * therefore the knowledge that the last few messages were finished; they come again.
 */
export class CursorKeeper {
  private fence: number | undefined;
  private readonly loading = new Set<Promise<SseStoredCursor>>();
  private wanted = '';
  private saved = '';
  private saving = false;
  private done: Promise<void> = Promise.resolve();
  private endWait: () => void = () => {};
  private isEnding = false;
  private fencedOff = false;

  constructor(
    private readonly store: SseCursorStore,
    private readonly source: string,
    private readonly events: CursorKeeperEvents,
  ) {}

  /** Whether the source was taken over already. */
  get isLoaded(): boolean {
    return this.fence !== undefined;
  }

  /**
   * Takes the source over. May be called again when it has failed, or is not worth waiting for any longer.
   *
   * @param otherwise the cursor to begin with where none is stored
   * @returns the cursor, unless an earlier load has given it already
   * @throws SseCursorError
   */
  async load(otherwise: string): Promise<string | undefined> {
    const loading = this.takeOver();
    this.loading.add(loading);
    try {
      const { lastEventId, fence } = await loading;
      // Loads that were given up for their slowness may answer late, and in any order: all of them were ours.
      if (this.fence !== undefined) {
        this.fence = Math.max(this.fence, fence);
        return undefined;
      }
      this.fence = fence;
      this.saved = lastEventId ?? otherwise;
      this.wanted = this.saved;
      return this.saved;
    } finally {
      this.loading.delete(loading);
    }
  }

  /** Everything up to this cursor is finished. */
  moved(cursor: string): void {
    // Before it is loaded there is nothing that could have been finished.
    if (this.fence === undefined || this.fencedOff || cursor === this.wanted) return;
    this.wanted = cursor;
    if (!this.saving) this.done = this.saveAll();
  }

  /**
   * Resolves when the newest cursor is saved; after 5 s at the latest.
   *
   * @param isEnd the subscription has ended: each cursor gets one more try, at once, and no other
   */
  async settle(isEnd: boolean): Promise<void> {
    this.isEnding ||= isEnd;
    if (!this.saving) return;
    if (isEnd) this.endWait();
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        const problem = `The cursor store did not answer within ${CLOSE_TIMEOUT_MS} ms`;
        this.events.onTrouble(new SseCursorError('unavailable', this.source, problem), this.isEnding);
        resolve();
      }, CLOSE_TIMEOUT_MS);
    });
    await Promise.race([this.done, tooLate]);
    clearTimeout(timer);
  }

  private async takeOver(): Promise<SseStoredCursor> {
    try {
      return this.read(await this.store.load(this.source));
    } catch (cause) {
      if (cause instanceof SseCursorError) throw cause;
      const problem = `The cursor store could not load the cursor of ${JSON.stringify(this.source)}; see the cause`;
      throw new SseCursorError('unavailable', this.source, problem, { cause });
    }
  }

  /** Stores are written by others, too. A database may say null where there is nothing. */
  private read(answer: SseStoredCursor | null | undefined): SseStoredCursor {
    const { fence, lastEventId } = (answer ?? {}) as { fence: unknown; lastEventId: unknown };
    const isId = lastEventId === undefined || lastEventId === null || typeof lastEventId === 'string';
    if (typeof fence === 'number' && isId) return { fence, ...(typeof lastEventId === 'string' && { lastEventId }) };
    const problem = `The cursor store gave no { lastEventId?: string, fence: number } for ${JSON.stringify(this.source)}`;
    throw new SseCursorError('unreadable', this.source, problem);
  }

  private async saveAll(): Promise<void> {
    this.saving = true;
    let failures = 0;
    while (this.wanted !== this.saved && !this.fencedOff) {
      const cursor = this.wanted;
      const fence = this.fence as number;
      const isLast = this.isEnding;
      try {
        await this.store.save(this.source, cursor, fence);
        this.saved = cursor;
        failures = 0;
      } catch (error) {
        if (isFenced(error)) {
          if (await this.hasNewerFence(fence)) continue;
          this.fencedOff = true;
          this.events.onFenced(error);
          break;
        }
        this.events.onTrouble(error, isLast);
        if (isLast) break;
        await this.wait(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures++));
      }
    }
    this.saving = false;
  }

  /** Whether it was a load of our own that has taken the source over from us, one that was given up for its slowness. */
  private async hasNewerFence(than: number): Promise<boolean> {
    if (this.loading.size > 0) {
      await Promise.race([Promise.allSettled(this.loading), this.wait(LOAD_TIMEOUT_MS)]);
      this.endWait();
    }
    return this.fence !== than;
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.endWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** By its code: the store may come with a copy of this package of its own. */
function isFenced(error: unknown): error is SseCursorError {
  return isSseError(error) && error.code === 'SSE_CURSOR' && (error as SseCursorError).reason === 'fenced';
}
