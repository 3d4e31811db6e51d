import { SseBackplaneError } from './backplane.error.js';
import type { ChannelHub } from './channel-hub.js';
import type { ChannelLog } from './channel-log.js';
import type { GroupReader } from './log-follower.js';
import { isOutage } from './outage.js';

/** Milliseconds until a channel is opened again that could not be: from the first to the longest wait. */
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;

/** Told of what other processes say. Neither method may throw. */
export interface ControlListener {
  /** @param at when it was placed, in milliseconds of `performance.now()` here; a little late, and never early */
  heard(text: string, at: number): void;
  /** Something may have been said that is not known any more. */
  missed(): void;
}

/** A channel on which the processes of an application tell each other something; users see nothing of it. */
export class ControlChannel implements GroupReader {
  readonly #hub: ChannelHub;
  readonly #name: string;
  #listener: ControlListener | undefined;
  #log: ChannelLog | undefined;
  /** What was said up to here was heard, or was not said to us. */
  #position = 0;
  #wait: NodeJS.Timeout | undefined;

  /** @param name one that users cannot give */
  constructor(hub: ChannelHub, name: string) {
    this.#hub = hub;
    this.#name = name;
  }

  /** Whether there may be somebody to talk to. */
  get isShared(): boolean {
    return !this.#hub.isAlone;
  }

  /** @throws SseBackplaneError (as a rejection) when it cannot be said, or may not have been heard */
  async say(text: string): Promise<void> {
    if (this.#hub.isStopped) {
      throw new SseBackplaneError('stopped', 'has stopped', false);
    }
    await this.#hub.publish(this.#name, text, undefined);
  }

  /**
   * Listens from now on, and until the application closes. What was said since this process last heard of any message is heard,
   * too, as far as it is kept. Idempotent.
   */
  follow(listener: ControlListener): void {
    if (this.#listener || this.#hub.isStopped) {
      return;
    }
    this.#listener = listener;
    this.#position = this.#knownPosition;
    this.#hub.onceStopped(() => {
      clearTimeout(this.#wait);
      this.#log = undefined;
    });
    void this.#open(FIRST_WAIT_MS);
  }

  /** Takes what is new. */
  offer(): void {
    const log = this.#log;
    if (!log) {
      return;
    }
    if (this.#lostThrough(log) > this.#position) {
      this.#position = this.#lostThrough(log);
      this.#listener?.missed();
    }
    this.#hearFrom(log);
  }

  async #open(waitMs: number): Promise<void> {
    try {
      const log = await this.#hub.book.acquire(this.#name);
      if (!this.#hub.isStopped) {
        this.#begin(log, waitMs > FIRST_WAIT_MS);
      }
    } catch (error) {
      // That the backplane is away has been said by whoever opens channels.
      if (!this.#hub.isStopped && !(isOutage(error) && error.reason === 'stopped')) {
        this.#wait = setTimeout(() => void this.#open(Math.min(waitMs * 2, LONGEST_WAIT_MS)), waitMs);
        this.#wait.unref();
      }
    }
  }

  /** @param wasAway whether it could not be opened when it was first tried */
  #begin(log: ChannelLog, wasAway: boolean): void {
    this.#log = log;
    this.#hub.groups.join([log], undefined, {}).readers.add(this);
    if (wasAway && this.#lostThrough(log) > this.#position) {
      this.#listener?.missed();
    }
    // Between the first try and now, somebody may have spoken.
    this.#hearFrom(log);
    this.#position = Math.max(this.#position, this.#knownPosition, this.#lostThrough(log));
  }

  #hearFrom(log: ChannelLog): void {
    for (let index = log.indexAfter(this.#position); ; index++) {
      const entry = log.at(index);
      if (!entry) {
        return;
      }
      this.#position = entry.seq;
      this.#listener?.heard(entry.parsedFor(this.#name).data, entry.at);
    }
  }

  get #knownPosition(): number {
    return this.#hub.head;
  }

  #lostThrough(log: ChannelLog): number {
    return Math.max(log.floor, this.#hub.book.ruptures?.floor ?? 0);
  }
}
