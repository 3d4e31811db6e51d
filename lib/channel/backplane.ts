import type { SseBackplaneErrorReason } from './backplane.error.js';

/** A message on its way to a channel, checked and encoded. */
export interface OutgoingMessage {
  readonly channel: string;
  /** The frame as text, without an id and ended by its blank line. */
  readonly body: string;
  /** The publisher's key, for subscribers that conflate by it. */
  readonly key: string | undefined;
}

/** A message that has got its position. */
export interface PlacedMessage extends OutgoingMessage {
  /** The second half of its id. A whole number from 1 to 2^53-1. */
  readonly seq: number;
  /** How many milliseconds ago it was placed; absent when that was just now. */
  readonly ageMs?: number | undefined;
}

/** The end of a channel. */
export interface ChannelEnd {
  /** The newest position of the channel. */
  readonly seq: number;
  /** Milliseconds for which it is remembered from now on: so long the channel takes no messages. */
  readonly tombstoneMs: number;
}

/** Where a channel's messages begin for a process that starts to listen to it. */
export interface ChannelStart {
  /**
   * Everything that was published to the channel after this position is in `messages`, or will be delivered. What was
   * published up to it may be lost: a subscriber that stands below it is told of a gap.
   */
  readonly floor: number;
  /** The newest position of all channels, as of the moment from which on everything is delivered. */
  readonly seq: number;
  /** What is kept of the channel, oldest first. */
  readonly messages: readonly PlacedMessage[];
  /** Set while the channel's end is remembered. */
  readonly end: ChannelEnd | undefined;
}

/** The process that a backplane delivers to. No method throws, whatever it is given. */
export interface BackplaneReceiver {
  /** A message of an opened channel, in the order of positions. */
  deliver(message: PlacedMessage): void;
  /** The channel has ended; whatever belongs to it was delivered before. */
  closed(channel: string, end: ChannelEnd): void;
  /** Everything up to this position was delivered, of the channels that are opened. */
  advanced(seq: number): void;
  /** What was published to an opened channel up to this position, and was not delivered, is kept no more. */
  lost(channel: string, through: number): void;
  /**
   * The log may have lost its newest part, of any channel: whoever stands below this position is told so, and goes on with
   * what is kept. When `epoch` is another one than before, all of the log is gone.
   */
  ruptured(through: number): void;
}

/** How much is to be kept of each channel. */
export interface BackplaneHistory {
  /**
   * @returns the bounds for a channel: messages, bytes of their frames, and age in milliseconds
   * @throws whatever the option `history.perChannel` throws
   */
  limitsOf(channel: string): { readonly events: number; readonly bytes: number; readonly ageMs: number };
}

/**
 * How a backplane does:
 *
 * - `up`: messages go to the other processes, and come from them
 * - `degraded`: it is cut off from them, or refused by what it stands on, and goes on when that is over. Streams that are
 *   open stay open, and get later what they miss; nothing is published
 * - `down`: it has not started, or has stopped
 */
export interface SseBackplaneHealth {
  readonly status: 'up' | 'degraded' | 'down';
  /** Why it is not up, where that is known. */
  readonly reason?: SseBackplaneErrorReason;
}

/**
 * What gives messages their positions, and carries them to every process that listens. The memory backplane serves one
 * process; another one may join many. Whoever writes one runs `test/channel/backplane-contract.ts` over it.
 *
 * **Order.** Positions increase strictly across all channels. A process is delivered the messages of all channels that it
 * listens to in the order of their positions, without holes: a backplane that notices one fills it before it goes on, or
 * opens the channel anew with a higher floor. `deliver` may be called within `publish`.
 *
 * **Delivery.** A message is delivered once to each process that had opened its channel when it was placed, the publisher's
 * own among them. `publish` settles when the message is placed: resolved, it is where every later subscriber will find it
 * for as long as history lasts. Rejected, it may have been placed all the same, if the answer was lost on the way.
 *
 * **Concurrency.** Any method may be called while others are pending. Messages of one process are placed in the order of
 * the calls to `publish`.
 *
 * **Failure.** `publish`, `open`, `sync` and `close` settle in bounded time, whatever has become of the other side; what they
 * reject with carries a literal `code`, for one that is cut off `SSE_BACKPLANE`: streams are then refused such that their
 * clients come back. A backplane that is cut off reconnects by itself, and delivers what was missed. A `release` that fails
 * has nobody to tell.
 */
export interface SseBackplane {
  /**
   * Random for each lifetime of the log; 1 to 32 characters of `0-9A-Za-z`. Known once `start` has settled. It changes when the
   * log was lost: positions go on from where they were, and `ruptured` is called right after.
   */
  readonly epoch: string;
  /**
   * Whether what a process forgets of a channel can be had again by `open`. If not, every message is delivered, of channels
   * that were not opened too, the process keeps the history, and `open` answers at once, without a promise.
   */
  readonly keepsHistory: boolean;
  /** Called once, before all else. @param history how much is to be kept of what is published */
  start(receiver: BackplaneReceiver, history: BackplaneHistory): void | Promise<void>;
  /** @returns the position that the message got; refused with an `SseChannelError` while the channel's end is remembered */
  publish(message: OutgoingMessage): number | Promise<number>;
  /**
   * Listens to a channel, the empty name of broadcasts among them. Called again for a channel that is open, it reads once
   * more what is kept.
   *
   * @param retentionMs how long its messages are kept at most
   */
  open(channel: string, retentionMs: number): ChannelStart | Promise<ChannelStart>;
  /** Settles when everything is delivered that had been placed before the call, and `advanced` was called. */
  sync(): void | Promise<void>;
  /** Listens to it no more. */
  release(channel: string): void | Promise<void>;
  /**
   * Ends a channel, with a last message if there is one. Whoever opens it within `tombstoneMs` is told of its end.
   *
   * @returns the newest position of the channel
   */
  close(channel: string, tombstoneMs: number, final?: OutgoingMessage): number | Promise<number>;
  /** Called once, after all else. What is pending settles. */
  stop(): void | Promise<void>;
  /**
   * How it does now, found out by trying, for health checks; at any time, also before `start` and after `stop`. Optional:
   * nothing else depends on it.
   *
   * @param signal aborted when nobody waits for the answer any more
   */
  health?(signal: AbortSignal): SseBackplaneHealth | Promise<SseBackplaneHealth>;
}
