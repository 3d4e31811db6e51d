import type { ChannelApi, SseCloseOptions, SsePublishOptions } from './channel-api.js';
import type { ChannelMessage } from './channel-message.js';
import type { SseChannelSubscription } from './channel-subscription.js';
import type { SseSubscribeOptions } from './subscribe-options.js';

/**
 * One channel, by its name. It holds nothing: any number of them may stand for the same channel.
 *
 * @typeParam M event names and the data that belongs to each
 */
export class SseChannel<M extends object = any> {
  readonly #channels: ChannelApi;

  /** @internal Made by `SseChannels.channel()`. */
  constructor(
    channels: ChannelApi,
    readonly name: string,
  ) {
    this.#channels = channels;
  }

  /** See `SseChannels.publish()`. */
  publish(message: ChannelMessage<M>, options?: SsePublishOptions): Promise<string> {
    return this.#channels.publish(this.name, message as ChannelMessage, options);
  }

  /** See `SseChannels.subscribe()`. */
  subscribe(options?: SseSubscribeOptions): SseChannelSubscription {
    return this.#channels.subscribe(this.name, options);
  }

  /** See `SseChannels.close()`. */
  close(options?: Omit<SseCloseOptions, 'final'> & { final?: ChannelMessage<M> }): Promise<void> {
    return this.#channels.close(this.name, options as SseCloseOptions);
  }
}
