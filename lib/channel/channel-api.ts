import type { ChannelMessage } from './channel-message.js';
import type { SseChannelSubscription } from './channel-subscription.js';
import type { SseSubscribeOptions } from './subscribe-options.js';

/** Options of `publish()`. */
export interface SsePublishOptions {
  /** What the message is about, for subscribers with `conflateBy: (message) => message.key`. */
  key?: string;
}

/** Options of `close()`. */
export interface SseCloseOptions {
  /** The last message of the channel. */
  final?: ChannelMessage;
  /**
   * Milliseconds for which the end is remembered: until then, whoever comes back gets what it has missed and then 204, and
   * nothing can be published. Default: the module's `channels.tombstoneMs`, five minutes.
   */
  tombstoneMs?: number;
}

/** One channel in this process. */
export interface SseChannelStats {
  readonly channel: string;
  /** Streams and loops that follow it. */
  readonly subscribers: number;
  /** Messages that are kept for those who come back. */
  readonly messages: number;
  /** Bytes of these messages. */
  readonly bytes: number;
}

/** What is done with channels by their names. */
export interface ChannelApi {
  publish(name: string, message: ChannelMessage, options?: SsePublishOptions): Promise<string>;
  subscribe(names: string | readonly string[], options?: SseSubscribeOptions): SseChannelSubscription;
  close(name: string, options?: SseCloseOptions): Promise<void>;
}
