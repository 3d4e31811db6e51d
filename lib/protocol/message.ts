/**
 * A message as it is sent. Fields that are absent or `undefined` are not written; `data` must not be `undefined` when it
 * is given. WHATWG HTML, section 9.2.5 (the format) and 9.2.6 (its meaning).
 *
 * @example
 * const message: SseMessage<Order> = { id: '42', event: 'created', data: order };
 */
export interface SseMessage<T = unknown> {
  /** The position that a client names in `Last-Event-ID` when it comes back. No CR, LF or NUL; the empty string clears it. */
  id?: string;
  /** The event's name; `message` when absent. No CR or LF. */
  event?: string;
  /** Strings and `Uint8Array`s (UTF-8) go out raw, everything else as JSON. */
  data?: T;
  /** How long clients should wait before they reconnect, in milliseconds: an integer from 0 to 2^31-1. */
  retry?: number;
  /** Text that clients skip. It may have several lines. */
  comment?: string;
}

/**
 * The messages of an event map: which `data` belongs to which `event`. A message without data for any event, that is, a
 * comment with or without a position, is always allowed. An event called `message` needs no name.
 *
 * @example
 * type Message = SseMessageOf<{ created: Order; deleted: { id: string } }>;
 * const message: Message = { event: 'deleted', data: { id: '7' } };
 */
export type SseMessageOf<M extends object> = unknown extends M ? SseMessage : SseEventOf<M> | SseCommentMessage;

/** A message that no client dispatches: a comment, perhaps with a position and a reconnection time. */
export interface SseCommentMessage {
  comment: string;
  id?: string;
  retry?: number;
  event?: never;
  data?: never;
}

type SseEventOf<M extends object> = {
  [E in keyof M & string]: Omit<SseMessage, 'event' | 'data'> & SseEventName<E> & SseEventData<M[E]>;
}[keyof M & string];

type SseEventName<E extends string> = E extends 'message' ? { event?: E } : { event: E };

type SseEventData<T> = [T] extends [undefined | void] ? { data?: never } : { data: T };
