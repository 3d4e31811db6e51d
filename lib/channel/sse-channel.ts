import { Logger } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { SseItem, SseSource } from '../pusher/index.js';
import { guardRejection, messageOf } from '../pusher/internal.js';
import type { ChannelApi, SseCloseOptions, SsePublishOptions } from './channel-api.js';
import type { ChannelMessage } from './channel-message.js';
import type { SseChannelSubscription } from './channel-subscription.js';
import { pipeIntoChannel } from './pipe-into-channel.js';
import type { SseSubscribeOptions } from './subscribe-options.js';

const logger = new Logger('SseChannel');

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

  /**
   * Publishes everything that a source yields, in its order, and each message once the one before it was offered to the
   * subscribers of this process, so that the source is read only as fast as the channel takes it. A subscription of
   * `SseReceiverService` is such a source. An event called `message`, which is what one without a name is received as, is
   * published without one.
   *
   * @param source an Observable cannot wait, and is refused
   * @param options `ids`: what becomes of the ids that messages bring along, for the channel assigns its own. By default
   * such a message is refused, as {@link publish} does; `drop` publishes it without its id, and leaves out what was nothing
   * but an id
   * @returns resolves when the source has ended; the channel stays open
   * @throws SseOptionsError (as a rejection) for what is no such source, and for options that cannot be used
   * @throws (as a rejection) whatever the source or a `publish()` fails with, after the source was told that no more is
   * wanted
   *
   * A rejection that nobody awaits is logged; it never becomes an unhandled one.
   *
   * @example
   * await channels.channel('ticks').pipe(receiver.subscribe('https://example.com/ticks'), { ids: 'drop' });
   */
  pipe(source: Exclude<SseSource, Observable<SseItem>>, options: { ids?: 'drop' | 'refuse' } = {}): Promise<void> {
    const piped = pipeIntoChannel(source, options, (message) => this.#channels.publish(this.name, message));
    return guardRejection(piped, (error) => {
      const name = JSON.stringify(this.name);
      logger.error(`A source that was piped into the channel ${name} is not any more: ${messageOf(error)}`);
    });
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
