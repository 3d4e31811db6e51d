import type { CanActivate, ExecutionContext, Type } from '@nestjs/common';
import type { SseMessage } from '../protocol/index.js';

/**
 * For how long a stream is allowed to its user. Guards run before a stream opens, and by themselves never again: what is said
 * here holds while it is open.
 */
export interface SseReauthorizeOptions {
  /**
   * Milliseconds from one run of `guards` to the next, at least 1000; each stream's runs are up to a fifth earlier, so that
   * not all come at one moment. Default 60 000.
   */
  everyMs?: number;
  /**
   * Guards that are asked again and again, by class or as instances: those that are named here, and none of the route's own,
   * for a throttler must not count a stream more than once. A class is found wherever a module has it, request-scoped ones
   * too. They see the request as it was, and a response that takes nothing any more. One that says no ends the stream.
   */
  guards?: readonly (Type<CanActivate> | CanActivate)[];
  /** When the stream ends, at most a second late: when its token expires, for instance. */
  until?: SseStreamExpiry;
  /** Milliseconds before that time at which the client is asked for a new token; 0 = never. Default 30 000. */
  warnMs?: number;
  /**
   * What it is asked with. It has no id, which would move the position from which the client comes back. Default
   * `{ event: 'reauthorize', data: { until: '2026-01-31T12:00:00.000Z', inMs: 30000 } }`, with the time and how far it is.
   */
  warning?: (SseMessage & { id?: never }) | string;
}

/**
 * Tells until when a stream is allowed, as a date or in milliseconds since 1970; nothing for one that has no such end. Asked
 * before the stream opens: a time in the past is answered with 401. Asked again when the time has come, for the session may
 * have been renewed: a later time then counts, nothing is an end like a time in the past.
 *
 * @param request of the framework, as guards have left it
 * @param context absent for streams made by `SsePusherFactory`
 */
export type SseStreamExpiry = (
  request: any,
  context?: ExecutionContext,
) => Date | number | undefined | null | Promise<Date | number | undefined | null>;
