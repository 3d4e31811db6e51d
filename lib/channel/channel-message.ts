import type { SseMessage, SseMessageOf } from '../protocol/index.js';

/**
 * What is published to a channel: a message without an id, which the channel assigns, or a string as a shorthand for its
 * data.
 *
 * @typeParam M event names and the data that belongs to each
 */
export type ChannelMessage<M extends object = any> = WithoutId<SseMessageOf<M>> | string;

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> & { id?: never } : never;

/** A message as filters and `conflateBy` see it: as a client would receive it. Shared by all of them, so do not change it. */
export interface PublishedMessage {
  readonly channel: string;
  /** `message` when it was published without a name. */
  readonly event: string;
  /** As it is sent: JSON as text, line breaks as LF. */
  readonly data: string;
  /** What the publisher gave as `key`. */
  readonly key: string | undefined;
  /** The data as JSON, parsed once for all. @throws SyntaxError for what is none */
  json<T = any>(): T;
}

/** What a snapshot may give: a message, alone or with the position that the state in it includes, or nothing to say. */
export type SseSnapshot =
  | (Omit<SseMessage, 'id'> & { id?: never })
  | string
  | { readonly message: (Omit<SseMessage, 'id'> & { id?: never }) | string; readonly position: string }
  | undefined;
