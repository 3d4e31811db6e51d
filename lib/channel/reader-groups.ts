import type { ChannelLog } from './channel-log.js';
import type { Selection } from './collect-entries.js';
import { ReaderGroup } from './reader-group.js';
import type { SseSubscribeOptions } from './subscribe-options.js';

/** Finds readers that can share what they get: those who follow the same channels with the same filter and keys. */
export class ReaderGroups {
  readonly #groups = new Map<string, ReaderGroup>();
  readonly #functions = new WeakMap<Function, number>();
  #functionsSeen = 0;
  readonly #everybody: readonly ChannelLog[];

  /** @param everybody a log that all groups follow, if there is one */
  constructor(everybody?: ChannelLog) {
    this.#everybody = everybody ? [everybody] : [];
  }

  /**
   * Whoever joins leaves in the end.
   *
   * @param broadcasts the log of the broadcasts, for those who follow it
   */
  join(
    channels: readonly ChannelLog[],
    broadcasts: ChannelLog | undefined,
    { filter, conflateBy }: Pick<SseSubscribeOptions, 'filter' | 'conflateBy'>,
  ): ReaderGroup {
    const names = channels.map(({ name }) => name).sort();
    const key = JSON.stringify([names, Boolean(broadcasts), this.#keyOf(filter), this.#keyOf(conflateBy)]);
    // The lists are the group's own: others share it, whatever becomes of the one that it was made for.
    const logs = broadcasts ? [...this.#everybody, ...channels, broadcasts] : [...this.#everybody, ...channels];
    const existing = this.#groups.get(key);
    // A channel that has ended and begun again has another log.
    if (existing && logs.every((log) => existing.logs.includes(log))) {
      existing.members++;
      return existing;
    }
    const group = new ReaderGroup(key, [...channels], logs, toSelection({ filter, conflateBy }));
    this.#groups.set(key, group);
    for (const log of logs) {
      log.addFollower(group);
    }
    return group;
  }

  /** A group is forgotten with its last member. */
  leave(group: ReaderGroup): void {
    group.members--;
    if (group.members > 0) {
      return;
    }
    if (this.#groups.get(group.key) === group) {
      this.#groups.delete(group.key);
    }
    for (const log of group.logs) {
      log.removeFollower(group);
    }
  }

  #keyOf(part: SseSubscribeOptions['filter'] | SseSubscribeOptions['conflateBy']): unknown {
    if (typeof part !== 'function') {
      return part === undefined ? 0 : [...new Set(part)].sort();
    }
    let number = this.#functions.get(part);
    if (number === undefined) {
      number = ++this.#functionsSeen;
      this.#functions.set(part, number);
    }
    return number;
  }
}

function toSelection({ filter, conflateBy }: Pick<SseSubscribeOptions, 'filter' | 'conflateBy'>): Selection {
  if (filter === undefined || typeof filter === 'function') {
    return { filter, conflateBy };
  }
  const events = new Set(filter);
  return { filter: ({ event }) => events.has(event), conflateBy };
}
