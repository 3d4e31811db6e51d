import type { Type } from '@nestjs/common';
import type { ApiPropertyOptions } from '@nestjs/swagger';

/**
 * What the data of an event is, as `JSON.parse()` gives it: a class, an array of one as `[OrderDto]`, or what
 * `@ApiProperty()` takes, as `{ type: 'string', format: 'uuid' }`. Data that is sent as plain text is `String`.
 */
export type SseEventData = Type<unknown> | readonly [Type<unknown>] | ApiPropertyOptions;

/** What a document says of a stream. */
export interface ApiSseStreamOptions {
  /** Event names with the data that belongs to each. `message` is the one of messages without a name. */
  readonly events?: Readonly<Record<string, SseEventData>>;
  /** Of the response. Default "A stream of server-sent events." */
  readonly description?: string;
  /**
   * What the names of the schemas begin with, which the document has for the events. Default: the name of the controller,
   * without `Controller`, and of the method. Two controllers of one name need it, as two versions of one may be.
   */
  readonly name?: string;
  /** Whether the request header `Last-Event-ID` is described, which clients send when they come back. Default true. */
  readonly lastEventId?: boolean;
  /**
   * Whether 204 is described, which tells clients not to come back: after a stream with `onEnd: 'stop'`, or on a channel
   * that was closed. Default: whether the route itself has `onEnd: 'stop'`.
   */
  readonly ends?: boolean;
}
