import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type BackplaneReceiver,
  type ChannelStart,
  type OutgoingMessage,
  type PlacedMessage,
  type SseBackplane,
  SseChannelError,
} from '../../../lib/index.js';

interface Tombstone {
  readonly seq: number;
  readonly until: number;
}

/** A log outside of the processes that share it, which answers later than it is asked, as one over a network would. */
export class SharedLog {
  readonly epoch = Math.random().toString(36).slice(2, 12);
  readonly #kept = new Map<string, PlacedMessage[]>();
  readonly #ends = new Map<string, Tombstone>();
  readonly members = new Set<SharedBackplane>();
  seq = 0;
  failOpening = false;

  member(): SharedBackplane {
    return new SharedBackplane(this);
  }

  /** Resolves when everything is delivered. */
  async settled(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await nextTurn();
  }

  place(message: OutgoingMessage): number {
    const placed = { ...message, seq: ++this.seq };
    this.#kept.set(message.channel, [...(this.#kept.get(message.channel) ?? []), placed]);
    this.#tell(message.channel, (receiver) => receiver.deliver(placed));
    return placed.seq;
  }

  startOf(channel: string): ChannelStart {
    const end = this.endOf(channel);
    const left = end && { seq: end.seq, tombstoneMs: end.until - performance.now() };
    return { floor: 0, seq: this.seq, messages: this.#kept.get(channel) ?? [], end: left };
  }

  endOf(channel: string): Tombstone | undefined {
    const end = this.#ends.get(channel);
    return end && end.until > performance.now() ? end : undefined;
  }

  end(channel: string, tombstoneMs: number): number {
    const seq = this.#kept.get(channel)?.at(-1)?.seq ?? this.seq;
    this.#ends.set(channel, { seq, until: performance.now() + tombstoneMs });
    this.#tell(channel, (receiver) => receiver.closed(channel, { seq, tombstoneMs }));
    return seq;
  }

  #tell(channel: string, tell: (receiver: BackplaneReceiver) => void): void {
    for (const member of this.members) {
      member.enqueue(channel, tell);
    }
  }
}

/** One process on the log. Whatever it asks, and whatever it is told, takes some turns of the event loop, in order. */
export class SharedBackplane implements SseBackplane {
  readonly keepsHistory = true;
  readonly opened = new Set<string>();
  opens = 0;
  #receiver: BackplaneReceiver | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly log: SharedLog) {}

  get epoch(): string {
    return this.log.epoch;
  }

  async start(receiver: BackplaneReceiver): Promise<void> {
    await nextTurn();
    this.#receiver = receiver;
    this.log.members.add(this);
  }

  publish(message: OutgoingMessage): Promise<number> {
    return this.#later(() => {
      this.#refuseEnded(message.channel);
      return this.log.place(message);
    });
  }

  open(channel: string): Promise<ChannelStart> {
    this.opens++;
    return this.#later(() => {
      if (this.log.failOpening) {
        throw new Error('cannot be reached');
      }
      this.opened.add(channel);
      return this.log.startOf(channel);
    });
  }

  release(channel: string): Promise<void> {
    return this.#later(() => {
      this.opened.delete(channel);
    });
  }

  close(channel: string, tombstoneMs: number, final?: OutgoingMessage): Promise<number> {
    return this.#later(() => {
      const end = this.log.endOf(channel);
      if (end) {
        return end.seq;
      }
      if (final) {
        this.log.place(final);
      }
      return this.log.end(channel, tombstoneMs);
    });
  }

  async stop(): Promise<void> {
    this.log.members.delete(this);
    await this.#queue;
  }

  enqueue(channel: string, tell: (receiver: BackplaneReceiver) => void): void {
    if (this.opened.has(channel)) {
      this.#queue = this.#queue.then(async () => {
        await Promise.resolve();
        tell(this.#receiver!);
      });
    }
  }

  #refuseEnded(channel: string): void {
    if (this.log.endOf(channel)) {
      throw new SseChannelError('closed', channel, 'was closed');
    }
  }

  #later<T>(work: () => T): Promise<T> {
    return nextTurn().then(work);
  }
}
