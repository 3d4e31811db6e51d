import type { SseStreamInfo } from '../pusher/index.js';
import type { ChannelHub } from './channel-hub.js';
import type { ChannelLog } from './channel-log.js';
import { BROADCAST } from './channel-name.js';
import type { SseGapReason } from './gap-reason.js';
import type { GroupReader } from './log-follower.js';
import type { ReaderGroup } from './reader-group.js';
import type { SseSubscribeOptions } from './subscribe-options.js';

/** A reader that can be told that it follows other channels from now on. */
interface Member extends GroupReader {
  regroup(): void;
}

/** The channels that one subscriber follows, which stay open for as long as it does. */
export class Membership {
  group: ReaderGroup;
  readonly #hub: ChannelHub;
  readonly #options: SseSubscribeOptions;
  readonly #stream: SseStreamInfo | undefined;
  readonly #broadcasts: ChannelLog | undefined;
  #channels: readonly ChannelLog[];
  #reader: Member | undefined;

  private constructor(
    hub: ChannelHub,
    options: SseSubscribeOptions,
    stream: SseStreamInfo | undefined,
    channels: ChannelLog[],
    broadcasts: ChannelLog | undefined,
  ) {
    this.#hub = hub;
    this.#options = options;
    this.#stream = stream;
    this.#broadcasts = broadcasts;
    this.group = hub.groups.join(channels, broadcasts, options);
    // The list of the group serves, unless it has another order.
    const { channels: shared } = this.group;
    this.#channels = channels.every((log, index) => log === shared[index]) ? shared : channels;
  }

  /**
   * Opens the channels, at once if they are at hand; whoever calls it calls {@link enter} or {@link leave} at once, and `leave`
   * in the end.
   */
  static open(
    hub: ChannelHub,
    names: readonly string[],
    options: SseSubscribeOptions,
    stream: SseStreamInfo | undefined,
  ): Membership | Promise<Membership> {
    const withBroadcasts = options.broadcast ?? hub.options.broadcast ?? true;
    const join = (logs: ChannelLog[]) => {
      const broadcasts = withBroadcasts ? logs.pop() : undefined;
      return new Membership(hub, options, stream, logs, broadcasts);
    };
    const opened = openAll(hub, withBroadcasts ? [...names, BROADCAST] : names);
    return opened instanceof Promise ? opened.then(join) : join(opened);
  }

  enter(reader: Member): void {
    this.#reader = reader;
    this.group.readers.add(reader);
    for (const log of this.#channels) {
      this.#tell('subscribed', log);
    }
  }

  leave(): void {
    const entered = this.#reader !== undefined;
    this.#leaveGroup();
    this.#reader = undefined;
    for (const log of this.#channels) {
      this.#hub.book.release(log);
      if (entered) {
        this.#tell('unsubscribed', log);
      }
    }
    if (this.#broadcasts) {
      this.#hub.book.release(this.#broadcasts);
    }
  }

  async add(name: string): Promise<void> {
    const log = await this.#hub.book.acquire(name);
    if (!this.#reader || this.#channels.includes(log)) {
      this.#hub.book.release(log);
      return;
    }
    this.#channels = [...this.#channels, log];
    this.#regroup();
    this.#tell('subscribed', log);
  }

  remove(name: string): void {
    const log = this.#channels.find((each) => each.name === name);
    if (!log) {
      return;
    }
    this.#channels = this.#channels.filter((each) => each !== log);
    this.#regroup();
    this.#hub.book.release(log);
    this.#tell('unsubscribed', log);
  }

  tellGap(reason: SseGapReason, lastEventId: string | null): void {
    this.#hub.observer?.gap(reason);
    if (this.#hub.events.observed) {
      const channels = this.#channels.map(({ name }) => name);
      this.#hub.events.next({ type: 'gap', channels, reason, lastEventId, stream: this.#stream });
    }
  }

  #regroup(): void {
    const reader = this.#reader!;
    const old = this.group;
    old.readers.delete(reader);
    this.group = this.#hub.groups.join(this.#channels, this.#broadcasts, this.#options);
    this.#hub.groups.leave(old);
    this.group.readers.add(reader);
    reader.regroup();
  }

  #leaveGroup(): void {
    if (this.#reader) {
      this.group.readers.delete(this.#reader);
    }
    this.#hub.groups.leave(this.group);
  }

  #tell(type: 'subscribed' | 'unsubscribed', { name, subscribers }: ChannelLog): void {
    if (this.#hub.events.observed) {
      this.#hub.events.next({ type, channel: name, subscribers, stream: this.#stream });
    }
  }
}

/** All of them, or none. */
function openAll(hub: ChannelHub, names: readonly string[]): ChannelLog[] | Promise<ChannelLog[]> {
  const opening: (ChannelLog | Promise<ChannelLog>)[] = [];
  try {
    for (const name of names) {
      opening.push(hub.book.acquire(name));
    }
  } catch (error) {
    opening.push(Promise.reject(error));
  }
  return opening.every(isAtHand) ? opening : allOrNone(hub, opening);
}

function isAtHand(log: ChannelLog | Promise<ChannelLog>): log is ChannelLog {
  return !('then' in log);
}

async function allOrNone(
  hub: ChannelHub,
  opening: readonly (ChannelLog | Promise<ChannelLog>)[],
): Promise<ChannelLog[]> {
  const opened = await Promise.allSettled(opening);
  const logs = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const failed = opened.find((each) => each.status === 'rejected');
  if (failed) {
    for (const log of logs) {
      hub.book.release(log);
    }
    throw failed.reason;
  }
  return logs;
}
