import type { ChannelLog } from './channel-log.js';
import type { Selection } from './collect-entries.js';
import { ReaderGroup } from './reader-group.js';
import type { SseSubscribeOptions } from './subscribe-options.js';

/** Finds readers that can share what they get: those who follow the same channels with the same filter and keys. */
export class ReaderGroups {
  readonly #groups = new Map<string, ReaderGroup>();
  readonly #functions = new WeakMap<Function, number>();
  #functionsSeen = 0;

  /** @param broadcasts the log of the broadcasts, for those who follow it */
  find(
    channels: readonly ChannelLog[],
    broadcasts: ChannelLog | undefined,
    { filter, conflateBy }: Pick<SseSubscribeOptions, 'filter' | 'conflateBy'>,
  ): ReaderGroup {
    const names = channels.map(({ name }) => name).sort();
    const key = JSON.stringify([names, Boolean(broadcasts), this.#keyOf(filter), this.#keyOf(conflateBy)]);
    const existing = this.#groups.get(key);
    if (existing) {
      return existing;
    }
    const logs = broadcasts ? [...channels, broadcasts] : channels;
    const group = new ReaderGroup(key, channels, logs, toSelection({ filter, conflateBy }));
    this.#groups.set(key, group);
    for (const log of logs) {
      log.addFollower(group);
    }
    return group;
  }

  /** Forgets a group that nobody reads in any more. */
  leave(group: ReaderGroup): void {
    if (group.readers.size === 0 && this.#groups.get(group.key) === group) {
      this.#groups.delete(group.key);
      for (const log of group.logs) {
        log.removeFollower(group);
      }
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
