import type { SharedStream, SourceEnd } from '../pusher/internal.js';
import { ChannelReader } from './channel-reader.js';
import type { Membership } from './membership.js';
import type { SseSubscribeOptions } from './subscribe-options.js';
import type { Subscriber, Subscribers } from './subscribers.js';

/**
 * A subscription that runs: a stream follows channels until either ends. It does not know the subscription, which nobody
 * has to keep for it, and holds on to nothing once it has ended, for the subscription may be kept.
 */
export class Following implements Subscriber {
  readonly #subscribers: Subscribers;
  #membership: Membership | undefined;
  #reader: ChannelReader | undefined;
  #stream: SharedStream | undefined;
  #end: SourceEnd | undefined;

  constructor(
    subscribers: Subscribers,
    membership: Membership,
    options: SseSubscribeOptions,
    stream: SharedStream,
    end: SourceEnd,
  ) {
    this.#subscribers = subscribers;
    this.#membership = membership;
    this.#reader = new ChannelReader(subscribers, membership, options, stream, this);
    this.#stream = stream;
    this.#end = end;
  }

  /**
   * @param subscribedAt position at which a first connect starts that asks for nothing else
   * @param inquire asks what is to be known of where the client stands; nothing when it is known already
   * @returns `false` when somebody else writes into the stream
   */
  start(subscribedAt: number, inquire: () => Promise<unknown> | undefined): boolean {
    const [membership, reader] = [this.#membership!, this.#reader!];
    if (!this.#stream!.letTo(reader)) {
      return false;
    }
    this.#subscribers.add(this);
    membership.enter(reader);
    // Whoever has heard of it may have ended it at once, or closed the stream.
    if (this.#reader) {
      const start = () => (this.#reader ? reader.start(subscribedAt) : undefined);
      const inquiry = inquire();
      Promise.resolve(inquiry ? inquiry.then(start) : start()).catch((error) => this.end(error));
    }
    return true;
  }

  /** Messages that the stream has not been given yet. */
  get lag(): number {
    return this.#reader?.lag ?? 0;
  }

  async add(name: string): Promise<void> {
    await this.#membership?.add(name);
  }

  remove(name: string): void {
    this.#membership?.remove(name);
  }

  /** Writes what was published so far in this turn, and ends. */
  close(): void {
    this.#reader?.offer(performance.now(), false);
    this.end();
  }

  /** Idempotent. The channels are left, and the end is told, when whoever is at work has finished. */
  end(error?: unknown): void {
    const [reader, membership, stream, end] = [this.#reader, this.#membership, this.#stream, this.#end];
    if (!reader) {
      return;
    }
    this.#reader = this.#membership = this.#stream = this.#end = undefined;
    reader.close();
    stream!.vacate(reader);
    this.#subscribers.delete(this);
    Promise.resolve()
      .then(() => membership!.leave())
      .then(
        () => (error === undefined ? end!.ended() : end!.failed(error)),
        (failure) => end!.failed(failure),
      );
  }
}
