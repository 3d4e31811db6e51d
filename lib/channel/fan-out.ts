import type { LoopTurn } from '../pusher/internal.js';
import type { ChannelLog } from './channel-log.js';
import type { ChannelObserver } from './channel-observer.js';
import { deferred } from './deferred.js';
import type { LogFollower } from './log-follower.js';

/** What waits for longer than this is not kept until the turn ends. */
const FLUSH_BYTES = 256 * 1024;
const FLUSH_MESSAGES = 500;

/** A flush to more readers hands the event loop back after so many of them. */
const SLICE = 256;

/** What a fan-out needs of the place where the logs are. */
export interface FanOutSource {
  /** Who else wants to know of a flush. */
  readonly observer: Pick<ChannelObserver, 'flush'> | undefined;
  /** Newest position of all. */
  readonly head: number;
  /** Everything up to `through` was offered to whoever could take it. */
  flushed(logs: readonly ChannelLog[], through: number, turnEnds: boolean): void;
}

/**
 * Offers what is new in the logs to those who follow them, once per turn of the event loop. What came in while a flush was
 * walking over its readers goes out with the next one.
 */
export class FanOut {
  readonly #turn: LoopTurn;
  readonly #source: FanOutSource;
  #grown = new Set<ChannelLog>();
  #bytes = 0;
  #messages = 0;
  #asked = false;
  #walking: Promise<void> | undefined;
  #next = deferred();

  constructor(turn: LoopTurn, source: FanOutSource) {
    this.#turn = turn;
    this.#source = source;
  }

  /** Resolves when everything that has come so far was offered to whoever could take it. */
  get settled(): Promise<void> {
    return this.#grown.size > 0 ? this.#next.promise : (this.#walking ?? Promise.resolve());
  }

  /** Whether everything that has come so far was offered. */
  get isIdle(): boolean {
    return this.#grown.size === 0 && !this.#walking;
  }

  /** A log has grown, by so many bytes, or something else has become of it that its readers shall see. */
  changed(log: ChannelLog, bytes: number): void {
    this.#grown.add(log);
    this.#bytes += bytes;
    this.#messages++;
    this.#ask();
    if (this.#bytes > FLUSH_BYTES || this.#messages > FLUSH_MESSAGES) {
      this.#flushWithinTurn();
    }
  }

  /** The end of a turn. */
  flush(): void {
    this.#asked = false;
    if (this.#walking) {
      return; // the end of the walk asks again
    }
    const logs = [...this.#grown];
    this.#grown.clear();
    const settled = this.#next;
    this.#next = deferred();
    this.#walking = settled.promise;
    this.#goOn(this.#walk(logs, true), () => {
      this.#walking = undefined;
      if (this.#grown.size > 0) {
        this.#ask();
      }
      settled.resolve();
    });
  }

  #ask(): void {
    if (!this.#asked) {
      this.#asked = true;
      this.#turn.flushAtEnd(this);
    }
  }

  /** Bounds what a turn with very much to say collects. A large audience is not walked over again and again for it. */
  #flushWithinTurn(): void {
    this.#bytes = 0;
    this.#messages = 0;
    if (this.#walking) {
      return;
    }
    const logs = [...this.#grown];
    const readers = groupsOf(logs).reduce((sum, group) => sum + group.readers.size, 0);
    if (readers <= SLICE) {
      this.#goOn(this.#walk(logs, false), () => {});
    }
  }

  #goOn(walk: Iterator<void>, done: () => void): void {
    if (walk.next().done) {
      done();
    } else {
      setImmediate(() => this.#goOn(walk, done));
    }
  }

  *#walk(logs: readonly ChannelLog[], turnEnds: boolean): Generator<void> {
    this.#bytes = 0;
    this.#messages = 0;
    const through = this.#source.head;
    const flushed = this.#source.observer?.flush();
    let offered = 0;
    for (const group of groupsOf(logs)) {
      group.beginFlush();
      const now = performance.now();
      for (const reader of group.readers) {
        reader.offer(now, turnEnds);
        offered++;
        if (offered % SLICE === 0) {
          yield;
        }
      }
      group.endFlush();
    }
    this.#source.flushed(logs, through, turnEnds);
    flushed?.(offered);
  }
}

function groupsOf(logs: readonly ChannelLog[]): LogFollower[] {
  return [...new Set(logs.flatMap((log) => [...log.followers]))];
}
