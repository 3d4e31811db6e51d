import type { BackplaneReceiver } from '../channel/index.js';
import { type Announcement, parseAnnouncement } from './announcement.js';
import { deliverMissed, type MissedRead } from './catch-up.js';
import { FollowedChannel } from './followed-channel.js';
import type { ChannelRequest, LogState } from './log-reader.js';
import type { RedisKeys } from './redis-keys.js';
import { Waiters } from './waiters.js';

/** What this process listens to, and how far it was delivered. */
export class Deliveries {
  readonly #receiver: BackplaneReceiver;
  readonly #keys: RedisKeys;
  readonly #channels = new Map<string, FollowedChannel>();
  readonly #byTopic = new Map<string, FollowedChannel>();
  readonly #waiters = new Waiters();
  #state: LogState;
  #position: number;

  constructor(receiver: BackplaneReceiver, keys: RedisKeys, state: LogState) {
    this.#receiver = receiver;
    this.#keys = keys;
    this.#state = state;
    this.#position = state.head;
  }

  get epoch(): string {
    return this.#state.epoch;
  }

  /** Everything up to here was delivered. */
  get position(): number {
    return this.#position;
  }

  get topics(): string[] {
    return [...this.#byTopic.keys()];
  }

  get open(): FollowedChannel[] {
    return [...this.#channels.values()].filter(({ isOpen }) => isOpen);
  }

  get(name: string): FollowedChannel | undefined {
    return this.#channels.get(name);
  }

  follow(name: string, limits: ChannelRequest['limits']): FollowedChannel {
    const followed = this.#channels.get(name) ?? new FollowedChannel(name, this.#keys.channel(name), limits);
    this.#channels.set(name, followed);
    this.#byTopic.set(followed.topic, followed);
    return followed;
  }

  forget(followed: FollowedChannel): void {
    this.#channels.delete(followed.name);
    this.#byTopic.delete(followed.topic);
    this.#waiters.left(followed);
  }

  until(position: number, channel: FollowedChannel): Promise<void> {
    return this.#waiters.until(position, channel);
  }

  /** Nothing is delivered for now: nobody is to wait for it. */
  stopWaiting(): void {
    this.#waiters.reached(Number.POSITIVE_INFINITY);
  }

  /**
   * Delivers what was announced.
   *
   * @returns false when something of the channel should have come before it
   * @throws for what no script of this package has announced
   */
  announced(topic: string, payload: string): boolean {
    const followed = this.#byTopic.get(topic);
    if (!followed?.isOpen) {
      return true;
    }
    const announcement = parseAnnouncement(payload);
    if (announcement.kind === 'messages') {
      return this.#messages(followed, announcement);
    }
    const { position: seq, tombstoneMs } = announcement;
    followed.known = Math.max(followed.known, seq);
    this.#advance(seq);
    if (followed.end !== seq) {
      followed.end = seq;
      this.#receiver.closed(followed.name, { seq, tombstoneMs });
    }
    return true;
  }

  /** @returns false when the log turns out to be not what it was */
  noted(state: LogState): boolean {
    if (state.epoch !== this.#state.epoch || state.rupture > this.#state.rupture) {
      return false;
    }
    this.#receiver.advanced(state.head);
    this.#advance(state.head);
    return true;
  }

  /** Everything that was missed is read; what was placed later than that is still to be announced. */
  caughtUp(open: readonly FollowedChannel[], missed: MissedRead): void {
    const { state } = missed;
    const before = this.#state;
    const position = this.#position;
    this.#state = state;
    const isNew = state.epoch !== before.epoch;
    if (isNew) {
      this.#receiver.ruptured(state.rupture);
    }
    const rupture = !isNew && state.rupture > before.rupture ? state.rupture : undefined;
    deliverMissed(this.#receiver, { channels: this.#channels, missed, position, rupture });
    for (const followed of open) {
      followed.known = Math.max(followed.known, state.head);
      followed.hasHole = false;
    }
    this.#advance(state.head);
  }

  #messages(followed: FollowedChannel, { before, first, entries }: Announcement & { kind: 'messages' }): boolean {
    if (before > followed.known) {
      followed.hasHole = true;
      return false;
    }
    let seq = first;
    for (const { key, body } of entries) {
      if (seq > followed.known) {
        this.#receiver.deliver({ channel: followed.name, seq, key, body });
      }
      seq++;
    }
    followed.known = Math.max(followed.known, first + entries.length - 1);
    this.#advance(followed.known);
    return true;
  }

  #advance(position: number): void {
    if (position > this.#position) {
      this.#position = position;
      this.#waiters.reached(position);
    }
  }
}
