import type { ReceivedMessage } from '../protocol/index.js';
import type { LogEntry } from './message-log.js';

/** What a consumer that pulls asks of, and tells, the fan-out that it belongs to. */
export interface PullConsumerLinks {
  /** How the stream ended, once it has: with what to throw, or with nothing. */
  ending(): { readonly error?: unknown } | undefined;
  onTaken(): void;
  onLeft(): void;
}

type Result = IteratorResult<ReceivedMessage, undefined>;

interface Waiter {
  resolve(result: Result): void;
  reject(error: unknown): void;
}

const END: Result = { done: true, value: undefined };

/** A position in the log that somebody moves by asking for the next message. */
export class PullConsumer {
  private readonly waiters: Waiter[] = [];
  private left = false;
  private told = false;
  private takenEntry: LogEntry;
  private finishedEntry: LogEntry;

  /**
   * @param start the entry after which it begins
   * @param finishesExplicitly whether a message counts as consumed at {@link finish} only, not when it is taken
   */
  constructor(
    start: LogEntry,
    private readonly finishesExplicitly: boolean,
    private readonly links: PullConsumerLinks,
  ) {
    this.takenEntry = start;
    this.finishedEntry = start;
  }

  /** The entry that was handed out last. */
  get taken(): LogEntry {
    return this.takenEntry;
  }

  /** The last entry that the consumer is done with. */
  get finished(): LogEntry {
    return this.finishedEntry;
  }

  /** The next message, or the end. Rejects, once, with what the stream failed of. */
  next(): Promise<Result> {
    const entry = this.upcoming();
    if (entry && this.waiters.length === 0) {
      return Promise.resolve(this.take(entry));
    }
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject });
      this.wake();
    });
  }

  /** Whoever took the last message has dealt with it. */
  finish(): void {
    this.finishedEntry = this.takenEntry;
  }

  /** Gives those who wait what there is to have. */
  wake(): void {
    for (let waiter = this.waiters[0]; waiter; waiter = this.waiters[0]) {
      const entry = this.upcoming();
      if (entry) waiter.resolve(this.take(entry));
      else if (!this.tellEnd(waiter)) return;
      this.waiters.shift();
    }
  }

  /** Takes no further part; whoever waits gets the end. */
  leave(): void {
    if (this.left) return;
    this.left = true;
    this.wake();
    this.links.onLeft();
    // An abandoned iterator must not keep alive all that has come since.
    this.takenEntry = { ...this.takenEntry, next: undefined };
    this.finishedEntry = { ...this.finishedEntry, next: undefined };
  }

  private upcoming(): LogEntry | undefined {
    return this.left ? undefined : this.takenEntry.next;
  }

  private take(entry: LogEntry): Result {
    this.takenEntry = entry;
    if (!this.finishesExplicitly) this.finish();
    this.links.onTaken();
    return { done: false, value: entry.message as ReceivedMessage };
  }

  private tellEnd(waiter: Waiter): boolean {
    const ending = this.left ? {} : this.links.ending();
    if (!ending) return false;
    if ('error' in ending && !this.told) {
      this.told = true;
      waiter.reject(ending.error);
    } else {
      waiter.resolve(END);
    }
    return true;
  }
}
