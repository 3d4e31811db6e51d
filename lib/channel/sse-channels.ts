import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { assertOptions, durationMs } from '../protocol/internal.js';
import { guardRejection } from '../pusher/internal.js';
import type { SseBackplaneHealth } from './backplane.js';
import type { ChannelApi, SseChannelStats, SseCloseOptions, SsePublishOptions } from './channel-api.js';
import type { SseChannelEvent } from './channel-events.js';
import { ChannelHub } from './channel-hub.js';
import type { ChannelMessage } from './channel-message.js';
import { BROADCAST, checkChannelName, isHidden } from './channel-name.js';
import type { ChannelFigures, ChannelLag, ChannelObserver } from './channel-observer.js';
import { SseChannelSubscription } from './channel-subscription.js';
import { SseChannel } from './sse-channel.js';
import { findSubscribeProblems, type SseSubscribeOptions } from './subscribe-options.js';
import { Subscribers } from './subscribers.js';

/** Of all who give none. */
const NO_OPTIONS: SseSubscribeOptions = Object.freeze({});

const DEFAULT_TOMBSTONE_MS = 300_000;

/** Half of what a probe of Kubernetes waits by default: to it an answer that comes too late is a failure. */
const DEFAULT_HEALTH_TIMEOUT_MS = 500;

/**
 * Channels: publish once, and everybody who follows gets it, in order; whoever was away comes back with its
 * `Last-Event-ID` and gets what it has missed, as far as it is still kept. A channel comes to be when it is first used, and
 * is dropped when nobody follows it and nothing is kept of it.
 *
 * @example
 * ```ts
 * class Jobs {
 *   constructor(private readonly channels: SseChannels) {}
 *   @SseStream(':id') follow(@Param('id') id: string) { return this.channels.subscribe(`job:${id}`); }
 *   progress(id: string, done: number) { return this.channels.publish(`job:${id}`, { event: 'progress', data: { done } }); }
 * }
 * ```
 */
@Injectable()
export class SseChannels implements ChannelApi {
  /** What happens on the channels of this process, for presence and metrics. Costs nothing while nobody is subscribed. */
  readonly events$: Observable<SseChannelEvent>;
  readonly #hub: ChannelHub;
  readonly #subscribers: Subscribers;
  readonly #logger = new Logger('SseChannels');

  /** @internal */
  constructor(@Inject(ChannelHub) hub: ChannelHub) {
    this.#hub = hub;
    this.#subscribers = new Subscribers(hub);
    this.events$ = hub.events.asObservable();
  }

  /**
   * The channel of that name, whether anybody uses it or not.
   *
   * @typeParam M event names and the data that belongs to each, such as `{ created: Order; deleted: { id: string } }`
   * @throws SseChannelError for what cannot be a channel's name
   */
  channel<M extends object = any>(name: string): SseChannel<M> {
    return new SseChannel<M>(this, checkChannelName(name));
  }

  /**
   * Sends a message to everybody who follows the channel, and keeps it for those who come back. Messages that are published
   * in one turn of the event loop leave together.
   *
   * @param name any text of 1 to 512 bytes, compared exactly
   * @returns the message's id, once it was offered to the subscribers of this process, or placed in the log of a backplane
   * that several processes share
   * @throws SseInvalidMessageError (as a rejection) for a message that cannot be sent, or has an id; it reaches nobody
   * @throws SseOverflowError (as a rejection) for a message that is larger than the module's `maxBufferedBytes`
   * @throws SseChannelError (as a rejection) for what cannot be a channel's name, for a closed channel, and while the
   * application closes
   * @throws SseBackplaneError (as a rejection) when a backplane of several processes could not place it, or cannot say whether
   * it did: see its `mayHaveBeenPlaced`
   *
   * A rejection that nobody awaits is logged; it never becomes an unhandled one.
   */
  publish(name: string, message: ChannelMessage, options: SsePublishOptions = {}): Promise<string> {
    return this.#guard(this.#publish(name, message, options));
  }

  /** Sends a message to the subscribers of all channels, once to each. Resolves and rejects like {@link publish}. */
  broadcast(message: ChannelMessage): Promise<string> {
    return this.#guard(this.#hub.publish(BROADCAST, message, undefined));
  }

  /**
   * What follows one channel, or several in one order: return it from a handler, or iterate it.
   *
   * @throws SseChannelError for what cannot be a channel's name
   * @throws SseOptionsError for options that cannot be used
   */
  subscribe(names: string | readonly string[], options: SseSubscribeOptions = NO_OPTIONS): SseChannelSubscription {
    assertOptions(options === NO_OPTIONS ? [] : findSubscribeProblems(options));
    const checked = (Array.isArray(names) ? names : [names]).map(checkChannelName);
    return new SseChannelSubscription(this.#subscribers, checked, options);
  }

  /** Whether this process has anything of the channel: subscribers, or messages that are kept. */
  has(name: string): boolean {
    return !isHidden(name) && this.#hub.book.get(name) !== undefined;
  }

  /** The channels of this process. */
  localNames(): string[] {
    return this.localStats().map(({ channel }) => channel);
  }

  /** How much there is of each channel of this process. */
  localStats(): SseChannelStats[] {
    return [...this.#hub.book.all()]
      .filter(({ name }) => !isHidden(name))
      .map(({ name, subscribers, count, bytes }) => ({ channel: name, subscribers, messages: count, bytes }));
  }

  /**
   * How the backplane does, for health checks; `SseHealthIndicator` of `nestjs-event-stream/terminus` asks this. The memory
   * of one process is always up.
   *
   * @param timeoutMs after so many milliseconds without an answer it is `degraded`. Default 500
   * @returns undefined for a backplane of your own that has no `health()`. Never rejects for what is wrong with a backplane
   * @throws SseOptionsError (as a rejection) for a time that a timer cannot wait for
   */
  async backplaneHealth({ timeoutMs = DEFAULT_HEALTH_TIMEOUT_MS } = {}): Promise<SseBackplaneHealth | undefined> {
    const problem = durationMs({ min: 1 })(timeoutMs);
    assertOptions(problem ? [{ option: 'timeoutMs', problem }] : []);
    return this.#hub.health(timeoutMs);
  }

  /**
   * Ends a channel everywhere: its streams get what they have not read yet and end, those that follow others too go on with
   * them. Whoever comes back gets the rest, and then 204, after which `EventSource` does not ask again. Idempotent.
   *
   * @returns when its streams in this process were told
   * @throws SseInvalidMessageError (as a rejection) for a last message that cannot be sent; the channel stays open
   * @throws SseChannelError (as a rejection) for what cannot be a channel's name
   * @throws SseBackplaneError (as a rejection) when a backplane of several processes could not be told
   */
  close(name: string, options: SseCloseOptions = {}): Promise<void> {
    return this.#guard(this.#close(name, options));
  }

  /**
   * @internal
   * @param observe is told whether messages are delivered within `publish()`, for no other process has any
   */
  observe(observe: (isAlone: boolean) => ChannelObserver): void {
    this.#hub.observer = observe(this.#hub.isAlone);
  }

  /** @internal What has been done so far, and what is held now. */
  figures(): ChannelFigures {
    const { delivered, keeper } = this.#hub;
    return { delivered, forgotten: keeper.forgotten, keptBytes: keeper.totalBytes };
  }

  /** @internal Looks at every subscriber. */
  lag(): ChannelLag {
    const lags = this.#subscribers.lags();
    return { subscribers: lags.length, messages: lags.reduce((most, lag) => Math.max(most, lag), 0) };
  }

  async #publish(name: string, message: ChannelMessage, { key }: SsePublishOptions): Promise<string> {
    return this.#hub.publish(checkChannelName(name), message, key);
  }

  async #close(name: string, { final, tombstoneMs }: SseCloseOptions): Promise<void> {
    const forMs = tombstoneMs ?? this.#hub.options.tombstoneMs ?? DEFAULT_TOMBSTONE_MS;
    const problem = durationMs()(forMs);
    assertOptions(problem ? [{ option: 'tombstoneMs', problem }] : []);
    return this.#hub.close(checkChannelName(name), final, forMs);
  }

  #guard<T>(promise: Promise<T>): Promise<T> {
    return guardRejection(promise, (error) => {
      this.#logger.error(`A message was refused and nobody awaited it: ${(error as Error).message}`);
    });
  }
}
