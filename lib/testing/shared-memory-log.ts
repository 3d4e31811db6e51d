import { randomBytes } from 'node:crypto';
import {
  type BackplaneReceiver,
  type ChannelEnd,
  type ChannelStart,
  type OutgoingMessage,
  type PlacedMessage,
  SseChannelError,
} from '../channel/index.js';

/** How much is kept of a channel. */
export interface KeptLimits {
  readonly events: number;
  readonly bytes: number;
  readonly ageMs: number;
}

interface Kept {
  readonly placed: PlacedMessage;
  readonly at: number;
  readonly ageMs: number;
}

/** An application that the log delivers to. */
export interface LogMember {
  hears(channel: string): boolean;
  tell(what: (receiver: BackplaneReceiver) => void): void;
}

/** What the applications of a test have in common: positions, messages and ends, kept in the way in which Redis keeps them. */
export class SharedMemoryLog {
  readonly epoch = randomBytes(6).toString('hex');
  readonly members = new Set<LogMember>();
  /** The newest position. */
  seq = 0;
  readonly #kept = new Map<string, Kept[]>();
  readonly #floors = new Map<string, number>();
  readonly #ends = new Map<string, { readonly seq: number; readonly until: number }>();

  /** @throws SseChannelError while the end of the channel is remembered */
  publish(message: OutgoingMessage, limits: KeptLimits): number {
    if (this.#endOf(message.channel)) {
      throw new SseChannelError(
        'closed',
        message.channel,
        'was closed, and takes no messages until its tombstone is gone',
      );
    }
    return this.#place(message, limits);
  }

  /** @returns the newest position of the channel */
  close(channel: string, tombstoneMs: number, final: OutgoingMessage | undefined, limits: KeptLimits): number {
    const earlier = this.#endOf(channel);
    if (earlier) {
      return earlier.seq;
    }
    const seq = final ? this.#place(final, limits) : (this.#keptOf(channel).at(-1)?.placed.seq ?? this.seq);
    this.#ends.set(channel, { seq, until: performance.now() + tombstoneMs });
    this.#tell(channel, (receiver) => receiver.closed(channel, { seq, tombstoneMs }));
    return seq;
  }

  startOf(channel: string): ChannelStart {
    const now = performance.now();
    const messages = this.#keptOf(channel).map(({ placed, at }) => ({ ...placed, ageMs: now - at }));
    return { floor: this.#floors.get(channel) ?? 0, seq: this.seq, messages, end: this.#endOf(channel) };
  }

  #place({ channel, body, key }: OutgoingMessage, { events, bytes, ageMs }: KeptLimits): number {
    const placed = { channel, body, key, seq: ++this.seq };
    const kept = [...this.#keptOf(channel), { placed, at: performance.now(), ageMs }];
    let size = kept.reduce((sum, each) => sum + Buffer.byteLength(each.placed.body), 0);
    this.#keep(channel, kept, ({ placed: oldest }, left) => {
      const isTooMuch = left > events || size > bytes;
      size -= Buffer.byteLength(oldest.body);
      return isTooMuch;
    });
    this.#tell(channel, (receiver) => receiver.deliver(placed));
    return placed.seq;
  }

  #keptOf(channel: string): readonly Kept[] {
    const now = performance.now();
    return this.#keep(channel, this.#kept.get(channel) ?? [], ({ at, ageMs }) => now - at > ageMs);
  }

  /** Forgets the oldest messages, as long as each of them has to go. @returns those that are left */
  #keep(channel: string, kept: readonly Kept[], mustGo: (oldest: Kept, left: number) => boolean): readonly Kept[] {
    const firstKept = kept.findIndex((each, index) => !mustGo(each, kept.length - index));
    const from = firstKept === -1 ? kept.length : firstKept;
    if (from > 0) {
      this.#floors.set(channel, kept[from - 1]!.placed.seq);
    }
    const left = kept.slice(from);
    this.#kept.set(channel, left);
    return left;
  }

  #endOf(channel: string): ChannelEnd | undefined {
    const end = this.#ends.get(channel);
    const tombstoneMs = end ? end.until - performance.now() : 0;
    return end && tombstoneMs > 0 ? { seq: end.seq, tombstoneMs } : undefined;
  }

  #tell(channel: string, what: (receiver: BackplaneReceiver) => void): void {
    for (const member of this.members) {
      if (member.hears(channel)) {
        member.tell(what);
      }
    }
  }
}
