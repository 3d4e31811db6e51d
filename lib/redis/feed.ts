import { setTimeout as delay } from 'node:timers/promises';
import type { BackplaneReceiver, ChannelStart } from '../channel/index.js';
import { readMissed, STEP_MS } from './catch-up.js';
import { TooLate, withDeadline } from './deadline.js';
import { Deliveries } from './deliveries.js';
import { FeedLine, FeedStopped, Interrupted } from './feed-line.js';
import type { FeedLog } from './feed-log.js';
import type { FollowedChannel } from './followed-channel.js';
import { Gate } from './gate.js';
import { Held, type Received } from './held.js';
import { InboxNotes } from './inbox-notes.js';
import type { ChannelRequest, LogReader, LogState } from './log-reader.js';
import { orAborted } from './persist.js';
import type { RedisKeys } from './redis-keys.js';
import type { RedisLink } from './redis-link.js';

/** Milliseconds until something is tried again that failed while the connection stood. */
const PAUSE_MS = 100;

export interface FeedParts {
  readonly link: RedisLink;
  readonly keys: RedisKeys;
  readonly reader: LogReader;
  readonly receiver: BackplaneReceiver;
  /** A name that no other process has. */
  readonly id: string;
  readonly log: FeedLog;
}

/**
 * What comes from other processes, and from this one, in the order of the positions. All of it comes over one connection, so
 * that it is in order by itself. Whenever that broke, or something did not come, what follows is held until everything
 * missed was read.
 */
export class Feed {
  readonly #parts: FeedParts;
  readonly #deliveries: Deliveries;
  readonly #notes: InboxNotes;
  readonly #held = new Held();
  /** Open while what comes is delivered at once. */
  readonly #live = new Gate();
  readonly #line: FeedLine;
  #catchingUp = false;
  #again = false;
  /** The note that ends the catch-up: it alone is not held. */
  #lastNote = '';

  constructor(parts: FeedParts, state: LogState) {
    this.#parts = parts;
    this.#deliveries = new Deliveries(parts.receiver, parts.keys, state);
    this.#notes = new InboxNotes(parts.keys.inbox(parts.id));
    this.#line = new FeedLine(parts.link, parts.log, {
      ready: () => this.#catchUpSoon(),
      broken: (error) => this.#broken(error),
      message: (topic, payload) => this.#receive({ topic, payload }),
    });
  }

  /** Whether there is a connection for it, or one is being made. */
  get isActive(): boolean {
    return this.#line.isWanted;
  }

  get isConnected(): boolean {
    return !this.#line.signal.aborted;
  }

  /** Whether everything that is placed is delivered. */
  get isLive(): boolean {
    return this.#live.isOpen;
  }

  get epoch(): string {
    return this.#deliveries.epoch;
  }

  get position(): number {
    return this.#deliveries.position;
  }

  follows(channel: string): boolean {
    return this.#deliveries.get(channel)?.isOpen ?? false;
  }

  /** Settles when everything up to a position of a channel was delivered, or nothing of it can be for now. */
  async reached(position: number, channel: string): Promise<void> {
    const followed = this.#deliveries.get(channel);
    if (followed?.isOpen && this.isLive && this.position < position) {
      await this.#deliveries.until(position, followed);
    }
  }

  /** @throws what Redis refuses with, or `signal.reason` */
  async open(name: string, limits: ChannelRequest['limits'], signal: AbortSignal): Promise<ChannelStart> {
    const followed = this.#deliveries.follow(name, limits);
    followed.openings++;
    this.#line.connect();
    try {
      return await this.#untilDone(signal, () => this.#openNow(followed, signal));
    } finally {
      followed.openings--;
      if (!followed.isOpen && followed.openings === 0 && this.#deliveries.get(name) === followed) {
        // Not waited for: where there is no connection, some clients keep it until there is one.
        this.release(name).catch(() => {});
      }
    }
  }

  async release(name: string): Promise<void> {
    const followed = this.#deliveries.get(name);
    if (followed) {
      this.#deliveries.forget(followed);
      await this.#line.unsubscribe([followed.topic]);
    }
  }

  /** Settles when everything was delivered that had been placed before. @throws what Redis refuses with, or `signal.reason` */
  async sync(signal: AbortSignal): Promise<void> {
    this.#line.connect();
    await this.#untilDone(signal, () => this.#readWithNote([], signal, (state) => this.#noted(state)));
  }

  /** Makes another connection, for nothing comes over this one any more. */
  reconnect(): void {
    this.#line.reconnect();
  }

  stop(): void {
    const error = new FeedStopped('The backplane has stopped.');
    this.#line.close(error);
    this.#live.lock(error);
  }

  async #openNow(followed: FollowedChannel, signal: AbortSignal): Promise<ChannelStart> {
    const { name, topic, limits } = followed;
    this.#assertFollowed(followed);
    await orAborted(this.#line.subscribe([topic]), signal);
    let isNew = false;
    const { read, state } = await this.#readWithNote([{ channel: name, after: undefined, limits }], signal, (noted) => {
      if (!followed.isOpen) {
        isNew = true;
        followed.isOpen = true;
        followed.known = noted.head;
      }
      this.#noted(noted);
    });
    this.#assertFollowed(followed);
    const { floor, messages, end } = read.channels[0]!;
    if (isNew) {
      followed.end ??= end?.seq;
    }
    // A read that was repeated, for its first answer was lost, has more than the note speaks of. That was announced since, and
    // must not come before what was announced on other channels.
    const kept = messages.filter(({ seq }) => seq <= state.head);
    return { floor: Math.min(floor, state.head), seq: state.head, messages: kept, end };
  }

  /** Who has let go of a channel must ask for it anew. */
  #assertFollowed(followed: FollowedChannel): void {
    if (this.#deliveries.get(followed.name) !== followed) {
      throw new FeedStopped('The channel was let go of meanwhile.');
    }
  }

  async #readWithNote(requests: readonly ChannelRequest[], signal: AbortSignal, onArrival: (state: LogState) => void) {
    const { note, arrival, forget } = this.#notes.expect(onArrival);
    try {
      const read = await this.#parts.reader.read(requests, { topic: this.#notes.topic, note }, signal);
      return { read, state: await orAborted(arrival, signal) };
    } finally {
      forget();
    }
  }

  /** Tries until it is done: when the connection breaks in the middle, again when it is back. */
  async #untilDone<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
    for (;;) {
      await orAborted(this.#live.opened, signal);
      const { signal: connection } = this.#line;
      try {
        return await attempt();
      } catch (error) {
        signal.throwIfAborted();
        if (!connection.aborted) {
          if (!(error instanceof Interrupted)) {
            throw error;
          }
          await delay(PAUSE_MS, undefined, { signal });
        }
      }
    }
  }

  #broken(error: Error): void {
    this.#live.close();
    this.#held.take();
    this.#notes.failAll(error);
    this.#deliveries.stopWaiting();
  }

  #receive(received: Received): void {
    const { topic, payload } = received;
    const isNote = topic === this.#notes.topic;
    if (!this.isLive && !(isNote && payload.startsWith(`${this.#lastNote} `))) {
      this.#hold(received);
      return;
    }
    try {
      if (isNote) {
        this.#notes.receive(payload);
      } else if (topic === this.#parts.keys.control) {
        this.#catchUpSoon();
      } else if (!this.#deliveries.announced(topic, payload)) {
        this.#catchUpSoon();
        this.#hold(received);
      }
    } catch (error) {
      this.#parts.log.trouble(error);
    }
  }

  /** When it is too much, all of it is read again. */
  #hold(received: Received): void {
    if (!this.#held.add(received)) {
      this.#again = true;
      this.#notes.failAll(new Interrupted('Too much came at once.'));
    }
  }

  #noted(state: LogState): void {
    if (!this.#deliveries.noted(state)) {
      this.#catchUpSoon();
    }
  }

  #catchUpSoon(): void {
    this.#live.close();
    this.#again = true;
    if (!this.#catchingUp) {
      this.#catchingUp = true;
      void this.#catchUp();
    }
  }

  async #catchUp(): Promise<void> {
    while (this.#again && !this.#line.signal.aborted) {
      this.#again = false;
      const { signal } = this.#line;
      try {
        await this.#catchUpOnce(signal);
      } catch (error) {
        if (!signal.aborted) {
          this.#again = true;
          this.#parts.log.trouble(error);
          if (error instanceof TooLate) {
            this.#parts.link.reconnect();
            this.reconnect();
          }
          await delay(PAUSE_MS, undefined, { signal }).catch(() => {});
        }
      }
    }
    this.#catchingUp = false;
  }

  async #catchUpOnce(signal: AbortSignal): Promise<void> {
    const { keys, reader, log } = this.#parts;
    const topics = [keys.control, this.#notes.topic, ...this.#deliveries.topics];
    const subscribed = this.#line.subscribe(topics);
    await withDeadline(STEP_MS, (inTime) => orAborted(subscribed, inTime), signal);
    const { open, position } = this.#deliveries;
    const { note, arrival, forget } = this.#notes.expect(() => {});
    this.#lastNote = note;
    try {
      const inbox = { topic: this.#notes.topic, note };
      const missed = await readMissed(open, position, { reader, inbox, signal });
      const state = await withDeadline(STEP_MS, (inTime) => orAborted(arrival, inTime), signal);
      if (!this.#again) {
        this.#deliveries.caughtUp(open, missed);
        this.#live.open();
        log.back();
        for (const received of this.#held.take()) {
          this.#receive(received);
        }
        if (this.isLive) {
          this.#noted(state);
        }
      }
    } finally {
      forget();
      this.#lastNote = '';
    }
  }
}
