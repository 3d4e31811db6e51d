import type { ChannelEnd, ChannelStart, PlacedMessage, SseBackplane } from './backplane.js';
import { ChannelLog } from './channel-log.js';
import { BROADCAST } from './channel-name.js';
import type { HistoryKeeper } from './history-keeper.js';
import type { HistoryPolicy } from './history-options.js';
import { formatPosition } from './position.js';
import { MARK_MS } from './time-marks.js';

/** A channel that the backplane is being asked for. */
interface Opening {
  readonly log: Promise<ChannelLog>;
  waiting: number;
  /** Of the channel, delivered before its history was there. */
  readonly early: PlacedMessage[];
}

/** The channels of this process: each comes to be when it is first used, and is dropped when it has nothing to keep. */
export class ChannelBook {
  readonly #logs = new Map<string, ChannelLog>();
  readonly #openings = new Map<string, Opening>();
  readonly #backplane: SseBackplane;
  readonly #policy: HistoryPolicy;
  readonly #keeper: HistoryKeeper;
  #head = 0;

  constructor(backplane: SseBackplane, policy: HistoryPolicy, keeper: HistoryKeeper) {
    this.#backplane = backplane;
    this.#policy = policy;
    this.#keeper = keeper;
  }

  /** Newest position of all that this process knows. */
  get head(): number {
    return this.#head;
  }

  get size(): number {
    return this.#logs.size;
  }

  get(name: string): ChannelLog | undefined {
    return this.#logs.get(name);
  }

  all(): IterableIterator<ChannelLog> {
    return this.#logs.values();
  }

  /**
   * Opens a channel for one more subscriber, who gives it back with {@link release}.
   *
   * @throws whatever the backplane or the history's `perChannel` fails with
   */
  acquire(name: string): ChannelLog | Promise<ChannelLog> {
    this.#buryIfOver(name);
    const log = this.#logs.get(name);
    if (log) {
      log.subscribers++;
      return log;
    }
    const opening = this.#openings.get(name);
    if (opening) {
      opening.waiting++;
      return opening.log;
    }
    const limits = this.#policy.limitsOf(name);
    const start = this.#backplane.open(name, limits.ageMs);
    // Not by its class: a promise may come from another realm, or from a library.
    if (!('then' in start)) {
      const opened = this.#enter(name, start);
      opened.subscribers++;
      return opened;
    }
    return this.#await(name, start);
  }

  release(log: ChannelLog): void {
    log.subscribers--;
    this.#dropIfIdle(log, performance.now());
  }

  /** Makes sure that there is somewhere to keep a channel's messages, where that is for this process to do. */
  prepare(name: string): void {
    this.#buryIfOver(name);
    if (!this.#backplane.keepsHistory && !this.#logs.has(name)) {
      this.#enter(name, this.#backplane.open(name, this.#policy.limitsOf(name).ageMs) as ChannelStart);
    }
  }

  /** @returns the log that has taken the message, and how many bytes it has grown by */
  append(message: PlacedMessage): { readonly log: ChannelLog; readonly bytes: number } | undefined {
    this.#head = Math.max(this.#head, message.seq);
    const log = this.#logs.get(message.channel);
    if (!log) {
      this.#openings.get(message.channel)?.early.push(message);
      return undefined;
    }
    if (log.ended) {
      this.#bury(log);
      return this.append(message);
    }
    const idLine = `id: ${formatPosition({ epoch: this.#backplane.epoch, seq: message.seq })}\n`;
    const entry = log.append(message.seq, idLine + message.body, message.key, performance.now());
    this.#keeper.added(entry);
    return { log, bytes: entry.bytes };
  }

  end(name: string, end: ChannelEnd): ChannelLog | undefined {
    const log = this.#logs.get(name);
    log?.endWith(end, performance.now());
    return log;
  }

  /** Drops channels that have been idle for so long that nobody can miss anything of them. */
  sweep(now: number): void {
    for (const log of this.#logs.values()) {
      this.#dropIfIdle(log, now);
    }
  }

  async #await(name: string, start: Promise<ChannelStart>): Promise<ChannelLog> {
    const early: PlacedMessage[] = [];
    const opened = start.then((from) => {
      const log = this.#enter(name, from);
      log.subscribers += opening.waiting;
      for (const message of early) {
        if (message.seq > log.newest) {
          this.append(message);
        }
      }
      return log;
    });
    const opening: Opening = { log: opened, waiting: 1, early };
    this.#openings.set(name, opening);
    try {
      return await opened;
    } finally {
      this.#openings.delete(name);
    }
  }

  #enter(name: string, { floor, seq, messages, end }: ChannelStart): ChannelLog {
    const log = new ChannelLog(name, this.#policy.limitsOf(name), floor, !this.#backplane.keepsHistory);
    this.#logs.set(name, log);
    this.#head = Math.max(this.#head, seq);
    for (const message of messages) {
      this.append(message);
    }
    if (end) {
      this.end(name, end);
    }
    return log;
  }

  #buryIfOver(name: string): void {
    const log = this.#logs.get(name);
    if (log?.isOver(performance.now())) {
      this.#bury(log);
    }
  }

  /** Those who still read of it do so to its end; whoever comes now finds a new channel, which knows nothing of the old one. */
  #bury(log: ChannelLog): void {
    const { name, limits, newest, floor } = log;
    this.#logs.set(name, new ChannelLog(name, limits, Math.max(newest, floor)));
  }

  async #letGo(name: string): Promise<void> {
    try {
      await this.#backplane.release(name);
    } catch {
      // Nobody follows the channel any more, so nobody misses anything.
    }
  }

  #dropIfIdle(log: ChannelLog, now: number): void {
    if (log.subscribers > 0) {
      return;
    }
    if (this.#backplane.keepsHistory) {
      this.#keeper.forget(log);
    } else if (log.name === BROADCAST || log.count > 0 || isRecent(log, now)) {
      // Everybody follows broadcasts: were they judged by time marks, rare ones would be a gap to who follows channels that
      // are kept for longer.
      return;
    }
    if (this.#logs.get(log.name) === log) {
      this.#logs.delete(log.name);
      void this.#letGo(log.name);
    }
  }
}

/** Whether it had a message so lately that time marks cannot say whether somebody has missed that. */
function isRecent({ newest, newestAt, limits }: ChannelLog, now: number): boolean {
  return newest > 0 && now - newestAt <= limits.ageMs + MARK_MS;
}
