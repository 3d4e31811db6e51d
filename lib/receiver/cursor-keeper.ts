import { SseCursorError } from './cursor.error.js';
import type { SseCursorStore } from './cursor-store.js';

/** What the keeper tells its owner. */
export interface CursorKeeperEvents {
  /** Somebody else has taken the source over: this one must stop. Nothing is saved any more. */
  onFenced(error: SseCursorError): void;
  /** A cursor could not be saved; it is tried again, unless `isLast`. */
  onTrouble(error: unknown, isLast: boolean): void;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
/** How long an end waits for a store that does not answer. */
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * Keeps the cursor of one source in a store. One save at a time, of the newest cursor there is: where messages are
 * finished faster than the store saves, those in between are never saved, and none has to wait. What a crash loses is
 * therefore the knowledge that the last few messages were finished; they come again.
 */
export class CursorKeeper {
  private fence: number | undefined;
  private wanted: string | undefined;
  private saved: string | undefined;
  private saving = false;
  private done: Promise<void> = Promise.resolve();
  private endWait: () => void = () => {};
  private closing = false;
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
   * Takes the source over. May be called again when it has failed.
   *
   * @returns the cursor, if there is one
   * @throws SseCursorError
   */
  async load(): Promise<string | undefined> {
    try {
      const { lastEventId, fence } = await this.store.load(this.source);
      // One that was given up for its slowness may answer after the one that took its place.
      if (this.fence !== undefined && fence < this.fence) return undefined;
      this.fence = fence;
      this.saved = lastEventId;
      return lastEventId;
    } catch (cause) {
      if (cause instanceof SseCursorError) throw cause;
      const problem = `The cursor store could not load the cursor of ${JSON.stringify(this.source)}; see the cause`;
      throw new SseCursorError('unavailable', this.source, problem, { cause });
    }
  }

  /** Everything up to this cursor is finished. */
  moved(cursor: string): void {
    // Before it is loaded there is nothing that could have been finished.
    if (this.fence === undefined || this.fencedOff || cursor === this.wanted) return;
    this.wanted = cursor;
    if (!this.saving) this.done = this.saveAll(this.fence);
  }

  /** Resolves when the newest cursor is saved, or has failed to be for the last time: there is one more try. */
  async close(): Promise<void> {
    this.closing = true;
    this.endWait();
    if (!this.saving) return;
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        const problem = `The cursor store did not answer within ${CLOSE_TIMEOUT_MS} ms`;
        this.events.onTrouble(new SseCursorError('unavailable', this.source, problem), true);
        resolve();
      }, CLOSE_TIMEOUT_MS);
    });
    await Promise.race([this.done, tooLate]);
    clearTimeout(timer);
  }

  private async saveAll(fence: number): Promise<void> {
    this.saving = true;
    let failures = 0;
    while (this.wanted !== undefined && this.wanted !== this.saved && !this.fencedOff) {
      const cursor = this.wanted;
      const isLast = this.closing;
      try {
        await this.store.save(this.source, cursor, fence);
        this.saved = cursor;
        failures = 0;
      } catch (error) {
        if (error instanceof SseCursorError && error.reason === 'fenced') {
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

  private wait(ms: number): Promise<void> {
    if (this.closing) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.endWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
