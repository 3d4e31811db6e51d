import { Subject } from 'rxjs';
import { SseOptionsError, type SseSerialize } from '../protocol/index.js';
import { assertFits, type LoopTurn } from '../pusher/internal.js';
import { askForHealth } from './ask-for-health.js';
import type { OutgoingMessage, SseBackplane, SseBackplaneHealth } from './backplane.js';
import { SseChannelError } from './channel.error.js';
import { ChannelBook } from './channel-book.js';
import type { SseChannelEvent } from './channel-events.js';
import type { ChannelLog } from './channel-log.js';
import { BROADCAST, isControl } from './channel-name.js';
import type { ChannelObserver } from './channel-observer.js';
import { Delivery } from './delivery.js';
import { FanOut } from './fan-out.js';
import { GRACE_MS, Grace, type SparedReader } from './grace.js';
import { HistoryKeeper } from './history-keeper.js';
import type { HistoryPolicy } from './history-options.js';
import { Inquiry } from './inquiry.js';
import { MemoryBackplane } from './memory-backplane.js';
import type { Positions } from './positions.js';
import { formatWithoutId } from './publication.js';
import { ReaderGroups } from './reader-groups.js';
import type { SseChannelOptions } from './subscribe-options.js';

/** How often channels are looked over for what has become too old. */
const SWEEP_MS = 10_000;

export interface ChannelHubParts {
  readonly backplane: SseBackplane;
  readonly policy: HistoryPolicy;
  readonly options: SseChannelOptions;
  readonly turn: LoopTurn;
  readonly serialize: SseSerialize | undefined;
  readonly maxMessageBytes: number;
  readonly positions: Positions;
}

/** Everything that the channels of a module share: what is published comes in here, and goes out to those who follow. */
export class ChannelHub {
  readonly events = new Subject<SseChannelEvent>();
  observer: ChannelObserver | undefined;
  /** Messages that were written to subscribers, to each of them once. */
  delivered = 0;
  readonly groups: ReaderGroups;
  readonly book: ChannelBook;
  readonly inquiry: Inquiry;
  readonly keeper: HistoryKeeper;
  readonly options: SseChannelOptions;
  readonly serialize: SseSerialize | undefined;
  readonly turn: LoopTurn;
  readonly #backplane: SseBackplane;
  readonly #policy: HistoryPolicy;
  readonly maxMessageBytes: number;
  readonly #fanOut: FanOut;
  readonly #stopping = new Set<() => void>();
  #sweeper: NodeJS.Timeout | undefined;
  #stopped = false;
  readonly #grace = new Grace();
  #flushedThrough = 0;

  constructor({ backplane, policy, options, turn, serialize, maxMessageBytes, positions }: ChannelHubParts) {
    this.#backplane = backplane;
    this.#policy = policy;
    this.options = options;
    this.serialize = serialize;
    this.turn = turn;
    this.maxMessageBytes = maxMessageBytes;
    this.keeper = new HistoryKeeper(policy.totalBytes);
    this.book = new ChannelBook(backplane, policy, this.keeper, positions);
    this.groups = new ReaderGroups(this.book.ruptures);
    this.inquiry = new Inquiry(backplane, this.book, this.keeper);
    this.#fanOut = new FanOut(turn, this);
  }

  get epoch(): string {
    return this.book.epoch;
  }

  get head(): number {
    return this.book.head;
  }

  /** How positions become ids. */
  get positions(): Positions {
    return this.book.positions;
  }

  /** Where a subscriber starts that subscribes now; unknown where other processes know better. */
  get positionNow(): number | undefined {
    return this.#backplane.keepsHistory ? undefined : this.head;
  }

  /** Whether there is no other process that could hear what is published here, which is delivered within the call. */
  get isAlone(): boolean {
    return this.#backplane instanceof MemoryBackplane;
  }

  /** Whether the application closes. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  async start(): Promise<void> {
    const history = { limitsOf: (channel: string) => this.#policy.limitsOf(channel) };
    await this.#backplane.start(new Delivery(this.book, this.#fanOut, this.events), history);
    this.book.prepare(BROADCAST);
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#sweeper.unref();
  }

  /** Ends whatever is under way in this process. Idempotent. */
  async stop(): Promise<void> {
    if (this.#stopped) {
      return;
    }
    this.#stopped = true;
    clearInterval(this.#sweeper);
    for (const stop of this.#stopping) {
      stop();
    }
    this.events.complete();
    await this.#backplane.stop();
  }

  /** Runs when the application closes. @returns takes it off again */
  onceStopped(stop: () => void): () => void {
    this.#stopping.add(stop);
    return () => this.#stopping.delete(stop);
  }

  /**
   * @param channel checked before; the name of broadcasts reaches every subscriber
   * @returns the id of the message, once it was offered to the subscribers of this process
   */
  publish(channel: string, message: unknown, key: string | undefined): Promise<string> {
    const { observer } = this;
    return observer && !isControl(channel)
      ? observer.publish(channel, () => this.#publish(channel, message, key))
      : this.#publish(channel, message, key);
  }

  /** @returns undefined where the backplane cannot tell */
  health(timeoutMs: number): Promise<SseBackplaneHealth | undefined> {
    return askForHealth(this.#backplane, timeoutMs);
  }

  async close(channel: string, final: unknown, tombstoneMs: number): Promise<void> {
    const last = final === undefined ? undefined : this.#encode(channel, final, undefined);
    this.book.prepare(channel);
    await this.#backplane.close(channel, tombstoneMs, last);
    await this.#fanOut.settled;
  }

  /** Everything up to `through` was offered, so that the bounds of history may be applied. */
  flushed(logs: readonly ChannelLog[], through: number, turnEnds: boolean): void {
    const now = performance.now();
    if (turnEnds) {
      this.#grace.endTurn(through);
    }
    this.#flushedThrough = through;
    this.keeper.retain(logs, through, now, this.#grace.needed(now));
  }

  /** A reader that has kept up so far could not take all of this turn. */
  spare(reader: SparedReader, now: number): void {
    if (this.#grace.spare(reader, now)) {
      setTimeout(() => this.#applyBounds(), GRACE_MS + 1).unref();
    }
  }

  /** A reader that was spared has caught up, or is gone. */
  endGrace(reader: SparedReader): void {
    if (this.#grace.end(reader)) {
      this.#applyBounds();
    }
  }

  /** Forgets what has become too old, for somebody who is about to read. */
  expire(logs: readonly ChannelLog[]): void {
    const now = performance.now();
    for (const log of logs) {
      this.keeper.expire(log, this.#offeredThrough, now, this.#grace.needed(now));
    }
  }

  /** What was read with the history of a channel was never to be offered to anybody. */
  get #offeredThrough(): number {
    return this.#fanOut.isIdle ? this.head : this.#flushedThrough;
  }

  async #publish(channel: string, message: unknown, key: string | undefined): Promise<string> {
    const outgoing = this.#encode(channel, message, key);
    this.book.prepare(channel);
    const placed = this.#backplane.publish(outgoing);
    const seq = typeof placed === 'number' ? placed : await placed;
    const id = this.positions.idOfMessage({ epoch: this.epoch, seq });
    if (this.events.observed && !isControl(channel)) {
      const { subscribers = 0 } = this.book.get(channel) ?? {};
      this.events.next({ type: 'published', channel, id, bytes: Buffer.byteLength(outgoing.body), subscribers });
    }
    await this.#fanOut.settled;
    return id;
  }

  #encode(channel: string, message: unknown, key: string | undefined): OutgoingMessage {
    if (this.#stopped) {
      throw new SseChannelError('stopped', channel, 'nothing can be published any more, the application closes');
    }
    if (key !== undefined && typeof key !== 'string') {
      throw new SseOptionsError([{ option: 'key', problem: 'must be a string' }]);
    }
    const body = formatWithoutId(message, this.serialize);
    assertFits(Buffer.byteLength(body), 0, this.maxMessageBytes);
    return { channel, body, key };
  }

  #sweep(): void {
    this.#applyBounds();
    this.book.sweep(performance.now());
  }

  #applyBounds(): void {
    const now = performance.now();
    this.keeper.sweep(this.#offeredThrough, now, this.#grace.needed(now));
  }
}
