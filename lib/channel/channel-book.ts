import type { ChannelEnd, ChannelStart, PlacedMessage, SseBackplane } from './backplane.js';
import { ChannelLog } from './channel-log.js';
import { BROADCAST } from './channel-name.js';
import type { HistoryKeeper } from './history-keeper.js';
import type { HistoryPolicy } from './history-options.js';
import { Openings } from './openings.js';
import type { Positions } from './positions.js';
import { RuptureLog } from './rupture-log.js';
import { MARK_MS } from './time-marks.js';

/** The channels of this process: each comes to be when it is first used, and is dropped when it has nothing to keep. */
export class ChannelBook {
  /** What readers of all channels follow where processes share a log, which may lose its newest part. */
  readonly ruptures: RuptureLog | undefined;
  /** Rises when channels have lost what they had. */
  losses = 0;
  readonly #logs = new Map<string, ChannelLog>();
  readonly #openings = new Openings();
  readonly #backplane: SseBackplane;
  readonly #policy: HistoryPolicy;
  readonly #keeper: HistoryKeeper;
  #head = 0;
  /** As it is in the frames that are kept. */
  #epoch: string | undefined;

  constructor(
    backplane: SseBackplane,
    policy: HistoryPolicy,
    keeper: HistoryKeeper,
    readonly positions: Positions,
  ) {
    this.#backplane = backplane;
    this.#policy = policy;
    this.#keeper = keeper;
    this.ruptures = backplane.keepsHistory ? new RuptureLog() : undefined;
  }

  get epoch(): string {
    this.#epoch ??= this.#backplane.epoch;
    return this.#epoch;
  }

  /** Newest position of all that this process knows. */
  get head(): number {
    return this.#head;
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
    const opening = this.#openings.join(name);
    if (opening) {
      return opening;
    }
    const limits = this.#policy.limitsOf(name);
    const start = this.#backplane.open(name, limits.ageMs);
    // Not by its class: a promise may come from another realm, or from a library.
    if (!('then' in start)) {
      const opened = this.#enter(name, start);
      opened.subscribers++;
      return opened;
    }
    return this.#openings.begin(name, start, (from) => this.#enter(name, from));
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
    this.advance(message.seq);
    const log = this.#logs.get(message.channel);
    if (!log) {
      this.#openings.once(message.channel, ({ newest, floor }) => {
        if (message.seq > newest && message.seq > floor) {
          this.append(message);
        }
      });
      return undefined;
    }
    if (log.ended) {
      this.#bury(log);
      return this.append(message);
    }
    const { ageMs } = message;
    const now = performance.now();
    // Not before those that it follows: only what is the oldest is looked at for its age.
    const at =
      ageMs === undefined ? now : Math.max(now - ageMs, log.count > 0 ? log.newestAt : Number.NEGATIVE_INFINITY);
    const entry = log.append(message.seq, this.#frameOf(message), message.key, at);
    this.#keeper.added(entry);
    return { log, bytes: entry.bytes };
  }

  end(name: string, end: ChannelEnd): ChannelLog | undefined {
    const log = this.#logs.get(name);
    log?.endWith(end, performance.now());
    this.#openings.once(name, (opened) => {
      // Else it has begun again since, or what it began with tells of its end.
      if (!opened.ended && end.seq >= opened.newest) {
        opened.endWith(end, performance.now());
      }
    });
    return log;
  }

  /** Everything up to this position is known. */
  advance(seq: number): void {
    if (seq > this.#head) {
      this.#head = seq;
    }
  }

  /** What a channel had up to a position cannot be had any more. */
  lose(name: string, through: number): ChannelLog | undefined {
    const log = this.#logs.get(name);
    if (log) {
      this.#forget(log, through);
    }
    this.#openings.once(name, (opened) => this.#forget(opened, through));
    return log;
  }

  /** @returns the logs whose readers may have missed something */
  rupture(through: number): ChannelLog[] {
    const isAnew = this.epoch !== this.#backplane.epoch;
    this.#epoch = this.#backplane.epoch;
    if (this.ruptures) {
      this.ruptures.floor = Math.max(this.ruptures.floor, through);
    }
    if (!isAnew && this.ruptures) {
      return [this.ruptures];
    }
    // Nothing from before is kept anywhere, so that nothing of it comes any more.
    this.advance(through);
    for (const name of [...this.#logs.keys(), ...this.#openings.names]) {
      this.lose(name, through);
    }
    return this.ruptures ? [this.ruptures] : [...this.#logs.values()];
  }

  /** Gives a log back what it had to forget for others, if nothing has become of it since `start` was asked for. */
  restore(log: ChannelLog, { floor, seq, messages }: ChannelStart): void {
    if (this.#logs.get(log.name) !== log || log.ended || log.floor > seq || floor >= log.floor) {
      return;
    }
    const now = performance.now();
    const older = messages
      .filter((message) => message.seq <= log.floor)
      .map((message) => ({ ...message, frame: this.#frameOf(message), at: now - (message.ageMs ?? 0) }));
    this.#keeper.restored(log, log.takeBack(older, floor));
  }

  /** Drops channels that have been idle for so long that nobody can miss anything of them. */
  sweep(now: number): void {
    for (const log of this.#logs.values()) {
      this.#dropIfIdle(log, now);
    }
  }

  #enter(name: string, { floor, seq, messages, end }: ChannelStart): ChannelLog {
    const log = new ChannelLog(name, this.#policy.limitsOf(name), floor, !this.#backplane.keepsHistory);
    this.#logs.set(name, log);
    this.advance(seq);
    for (const message of messages) {
      this.append(message);
    }
    this.#keeper.entered(log);
    if (end) {
      log.endWith(end, performance.now());
    }
    return log;
  }

  #frameOf({ seq, body }: PlacedMessage): string {
    return `id: ${this.positions.idOfMessage({ epoch: this.epoch, seq })}\n${body}`;
  }

  #forget(log: ChannelLog, through: number): void {
    this.#keeper.forget(log, through);
    log.floor = Math.max(log.floor, through);
    this.losses++;
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
