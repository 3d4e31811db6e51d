import { type ReceivedMessage, SseOptionsError } from '../protocol/index.js';
import { SseSourceError } from '../pusher/index.js';
import { SELF_WRITING, type SelfWriter, type SharedStream, type SourceEnd } from '../pusher/internal.js';
import type { ChannelHub } from './channel-hub.js';
import { checkChannelName } from './channel-name.js';
import { Following } from './following.js';
import { IteratedStream } from './iterated-stream.js';
import { Membership } from './membership.js';
import { isOutage } from './outage.js';
import type { SseSubscribeOptions } from './subscribe-options.js';
import type { Subscribers } from './subscribers.js';

/**
 * What follows some channels: return it from a handler of `@SseStream()`, hand it to `pusher.pipe()`, or iterate it. It can
 * be used once. It begins where the channels stand when it is made, and holds nothing until it is used.
 *
 * @example
 * ```ts
 * class Jobs { @SseStream(':id') follow(@Param('id') id: string) { return this.channels.subscribe(`job:${id}`); } }
 * for await (const { event, data } of channels.subscribe('orders')) console.log(event, data);
 * ```
 */
export class SseChannelSubscription implements AsyncIterable<ReceivedMessage> {
  readonly #subscribers: Subscribers;
  readonly #names: Set<string>;
  readonly #options: SseSubscribeOptions;
  readonly #subscribedAt: number | undefined;
  #used = false;
  #closed = false;
  #changes: Promise<void> = Promise.resolve();
  #following: Following | undefined;

  /** @internal Made by `SseChannels.subscribe()`. */
  constructor(subscribers: Subscribers, names: Iterable<string>, options: SseSubscribeOptions) {
    this.#subscribers = subscribers;
    this.#names = new Set(names);
    this.#options = options;
    this.#subscribedAt = subscribers.hub.positionNow;
  }

  /** The channels that it follows. */
  get names(): readonly string[] {
    return [...this.#names];
  }

  /**
   * Follows one more channel, from now on. Resolves when it does.
   *
   * @throws SseChannelError (as a rejection) for what cannot be a channel's name
   */
  async add(name: string): Promise<void> {
    this.#names.add(checkChannelName(name));
    await this.#inTurn(() => this.#following?.add(name));
  }

  /** Follows a channel no more. The stream stays open, even when it was the last one. */
  async remove(name: string): Promise<void> {
    this.#names.delete(name);
    await this.#inTurn(() => this.#following?.remove(name));
  }

  /** Ends it, and with it the stream that a handler has returned it for. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#following?.close();
  }

  /** @internal */
  get [SELF_WRITING](): SelfWriter {
    return { writeInto: (stream, end) => this.#writeInto(stream, end), release: () => this.close() };
  }

  /** Messages as a client receives them, gaps among them. Nothing is buffered for a loop that is slow: it catches up. */
  [Symbol.asyncIterator](): AsyncIterator<ReceivedMessage> {
    const { maxMessageBytes: maxBufferedBytes, serialize } = this.#hub;
    const settings = { maxBufferedBytes, openAfterMs: undefined, serialize, pingFrame: '' };
    const stream = new IteratedStream(settings, this.#options.lastEventId);
    this.#writeInto(stream, { ended: () => stream.end(), failed: (error) => stream.end({ error }) });
    return stream;
  }

  get #hub(): ChannelHub {
    return this.#subscribers.hub;
  }

  /** One after the other, in the order of the calls: a channel that is removed shall not be added by an earlier call. */
  #inTurn(change: () => Promise<void> | void | undefined): Promise<void> {
    const done = this.#changes.then(change);
    this.#changes = done.catch(() => {});
    return done;
  }

  #writeInto(stream: SharedStream, end: SourceEnd): void {
    const refuse = (error: unknown) => {
      turnAway(stream, error).then(
        () => end.ended(),
        (failure) => end.failed(failure),
      );
    };
    try {
      this.#take(stream);
      const opening = Membership.open(this.#hub, this.names, this.#options, stream.info);
      if (opening instanceof Membership) {
        this.#follow(opening, stream, end);
        return;
      }
      const following = opening.then((membership) => this.#follow(membership, stream, end));
      this.#changes = following.catch(refuse);
    } catch (error) {
      refuse(error);
    }
  }

  /** @throws SseSourceError when another subscription writes into the stream */
  #follow(membership: Membership, stream: SharedStream, end: SourceEnd): void {
    if (this.#closed || this.#hub.isStopped || stream.state === 'closed') {
      membership.leave();
      end.ended();
      return;
    }
    this.#following = new Following(this.#subscribers, membership, this.#options, stream, end);
    if (!this.#following.start(this.#subscribedAt ?? this.#hub.head, () => this.#inquire(stream, membership))) {
      this.#following = undefined;
      membership.leave();
      throw new SseSourceError('A stream follows one channel subscription at a time: add() further channels to it');
    }
  }

  #take({ settings }: SharedStream): void {
    if (this.#used) {
      throw new SseSourceError('A channel subscription can be used once: subscribe again for another stream');
    }
    this.#used = true;
    if (settings.serialize !== this.#hub.serialize) {
      const problem =
        "cannot differ for a stream of channels, whose messages are encoded once for all: give it to 'forRoot()'";
      throw new SseOptionsError([{ option: 'serialize', problem }]);
    }
  }

  /** @returns settles when it can be judged where the client stands; nothing when it can be at once */
  #inquire({ resumeFrom }: SharedStream, { group }: Membership): Promise<unknown> | undefined {
    const { lastEventId = resumeFrom } = this.#options;
    return lastEventId === undefined ? undefined : this.#hub.inquiry.about(lastEventId, group.logs);
  }
}

/** While the backplane is away nothing can be delivered, and the client had better come back later. */
async function turnAway(stream: SharedStream, error: unknown): Promise<void> {
  if (!isOutage(error) || !stream.turnAway('Messages cannot be delivered at the moment, try again later')) {
    throw error;
  }
}
