import type { SseBackplane } from './backplane.js';
import type { ChannelBook } from './channel-book.js';
import type { ChannelLog } from './channel-log.js';
import type { HistoryKeeper } from './history-keeper.js';
import { SharedSync } from './shared-sync.js';

/** Asks where the log is kept, when a client comes with a position that cannot be judged by what is known in this process. */
export class Inquiry {
  readonly #backplane: SseBackplane;
  readonly #book: ChannelBook;
  readonly #keeper: HistoryKeeper;
  readonly #sync: SharedSync;
  readonly #rereads = new Map<ChannelLog, Promise<void>>();

  constructor(backplane: SseBackplane, book: ChannelBook, keeper: HistoryKeeper) {
    this.#backplane = backplane;
    this.#book = book;
    this.#keeper = keeper;
    this.#sync = new SharedSync(backplane);
  }

  /**
   * @param id what the client has sent; `null` when that could not even be looked at
   * @returns settles when enough is known to judge it, and never rejects; nothing when it is known already
   */
  about(id: string | null, logs: readonly ChannelLog[]): Promise<unknown> | undefined {
    const { epoch, head, positions } = this.#book;
    const position = this.#backplane.keepsHistory && id !== null ? positions.read(id, epoch) : undefined;
    if (!position) {
      return undefined;
    }
    if (position.isForeign || position.seq > head) {
      return this.#sync.sync();
    }
    const shortened = logs.filter((log) => log.floor > position.seq && this.#keeper.isShortened(log));
    return shortened.length > 0 ? Promise.all(shortened.map((log) => this.#reread(log))) : undefined;
  }

  /** Once for all who ask meanwhile. */
  #reread(log: ChannelLog): Promise<void> {
    let reread = this.#rereads.get(log);
    if (!reread) {
      reread = this.#restore(log);
      this.#rereads.set(log, reread);
    }
    return reread;
  }

  async #restore(log: ChannelLog): Promise<void> {
    const { losses } = this.#book;
    try {
      const start = await this.#backplane.open(log.name, log.limits.ageMs);
      if (this.#book.losses === losses) {
        this.#book.restore(log, start);
      }
    } catch {
      // What is not there is then told as a gap.
    } finally {
      this.#rereads.delete(log);
    }
  }
}
