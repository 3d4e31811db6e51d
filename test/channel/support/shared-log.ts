import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type BackplaneReceiver,
  type ChannelStart,
  type OutgoingMessage,
  type PlacedMessage,
  SseBackplaneError,
} from '../../../lib/index.js';
import { SharedBackplane } from './shared-backplane.js';

interface Tombstone {
  readonly seq: number;
  readonly until: number;
}

interface Kept {
  readonly placed: PlacedMessage;
  readonly at: number;
}

/** A log outside of the processes that share it, which answers later than it is asked, as one over a network would. */
export class SharedLog {
  epoch = someEpoch();
  readonly #kept = new Map<string, Kept[]>();
  readonly #floors = new Map<string, number>();
  readonly #ends = new Map<string, Tombstone>();
  readonly members = new Set<SharedBackplane>();
  seq = 0;
  rupturedThrough = 0;
  failOpening: Error | undefined;

  member(): SharedBackplane {
    return new SharedBackplane(this);
  }

  /** From now on nothing can be opened, or with `false` everything again. */
  outage(isAway: boolean): void {
    this.failOpening = isAway ? new SseBackplaneError('unreachable', 'cannot be reached', false) : undefined;
  }

  /** Resolves when everything is delivered. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await nextTurn();
  }

  place(message: OutgoingMessage): number {
    const placed = { ...message, seq: ++this.seq };
    this.#kept.set(message.channel, [...this.#keptOf(message.channel), { placed, at: performance.now() }]);
    this.#tell(message.channel, (receiver) => receiver.deliver(placed));
    return placed.seq;
  }

  startOf(channel: string): ChannelStart {
    const end = this.endOf(channel);
    const now = performance.now();
    const left = end && { seq: end.seq, tombstoneMs: end.until - now };
    const messages = this.#keptOf(channel).map(({ placed, at }) => ({ ...placed, ageMs: now - at }));
    return { floor: this.#floors.get(channel) ?? 0, seq: this.seq, messages, end: left };
  }

  endOf(channel: string): Tombstone | undefined {
    const end = this.#ends.get(channel);
    return end && end.until > performance.now() ? end : undefined;
  }

  end(channel: string, tombstoneMs: number): number {
    const seq = this.#keptOf(channel).at(-1)?.placed.seq ?? this.seq;
    this.#ends.set(channel, { seq, until: performance.now() + tombstoneMs });
    this.#tell(channel, (receiver) => receiver.closed(channel, { seq, tombstoneMs }));
    return seq;
  }

  /** Keeps what was published to a channel up to this position no more, and nobody is told. */
  trim(channel: string, through: number): void {
    this.#floors.set(channel, through);
    this.#kept.set(
      channel,
      this.#keptOf(channel).filter(({ placed }) => placed.seq > through),
    );
  }

  /** The same with what was placed while the processes could not hear of it. */
  loseUnheard(channel: string, count: number): void {
    this.seq += count;
    const through = this.seq;
    this.trim(channel, through);
    this.#tell(channel, (receiver) => receiver.lost(channel, through));
  }

  /** Another server takes over, which never had the newest messages. */
  failOver(lostMessages: number): void {
    const lostFrom = this.seq - lostMessages;
    for (const [channel, kept] of this.#kept) {
      this.#kept.set(
        channel,
        kept.filter(({ placed }) => placed.seq <= lostFrom),
      );
    }
    this.#rupture();
  }

  /** All is gone. */
  flush(): void {
    this.epoch = someEpoch();
    this.#kept.clear();
    this.#floors.clear();
    this.#ends.clear();
    this.#rupture();
  }

  #rupture(): void {
    this.seq += 1000;
    this.rupturedThrough = this.seq;
    for (const member of this.members) {
      member.ruptured(this.epoch, this.seq);
    }
  }

  #keptOf(channel: string): Kept[] {
    return this.#kept.get(channel) ?? [];
  }

  #tell(channel: string, tell: (receiver: BackplaneReceiver) => void): void {
    for (const member of this.members) {
      member.enqueue(channel, tell);
    }
  }
}

function someEpoch(): string {
  return Math.random().toString(36).slice(2, 12);
}
