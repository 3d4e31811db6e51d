import type { SseGapReason } from './gap-reason.js';

/** Told of what happens on the channels of a module, for metrics and traces. No method throws. */
export interface ChannelObserver {
  /**
   * Stands around the publishing of one message.
   *
   * @param channel the empty text for a broadcast
   * @param publish has to be called at once; settles when the message was offered to the subscribers of this process
   */
  publish(channel: string, publish: () => Promise<string>): Promise<string>;
  /**
   * What has come is about to be offered to those who follow.
   *
   * @returns called when that is done, with how many it was offered to
   */
  flush(): ((readers: number) => void) | undefined;
  /** A subscriber is told that something is lost. */
  gap(reason: SseGapReason): void;
}

/** How much the channels of a module have done, and what they hold now. */
export interface ChannelFigures {
  /** Messages that were written to subscribers, to each of them once. */
  readonly delivered: number;
  /** Messages that were forgotten since the start: beyond the bounds of their channel, or that of all together. */
  readonly forgotten: { readonly channel: number; readonly total: number };
  /** Memory of what is kept, in bytes, roughly. */
  readonly keptBytes: number;
}

/** How far subscribers are behind. */
export interface ChannelLag {
  /** Those that have not been given all that they follow. */
  readonly subscribers: number;
  /** What the one of them has not been given that is furthest behind; what its filter leaves out counts too. */
  readonly messages: number;
}
