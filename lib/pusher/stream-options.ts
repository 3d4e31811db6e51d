import type { ExecutionContext, Type } from '@nestjs/common';
import type { SseMessage } from '../protocol/index.js';
import type { SseCloseReason } from './close-reason.js';
import type { SseReauthorizeOptions } from './reauthorize-options.js';
import type { SseStreamKeys, SseStreamKeysReader } from './stream-keys.js';

/**
 * How streams behave. Given to `SseModule.forRoot()` these are the defaults of every stream; given to
 * `@SseStream(path, options)` or `SsePusherFactory.create()` they count for that route or stream alone.
 */
export interface SseStreamOptions {
  /** Silence in milliseconds after which a ping is sent; 0 = never. Default 15 000. */
  pingMs?: number;
  /** What a ping is. Default `{ comment: 'ping' }`, which no client dispatches as an event. */
  ping?: SseMessage | string;
  /**
   * Milliseconds that a client should wait before it reconnects, told once when the stream opens and jittered upwards
   * by as much as half, so that many clients do not come back at once. `false` leaves it to the client. Default 2000.
   */
  retryMs?: number | false;
  /** Response headers to add; they win over the ones that a stream sends by itself. */
  headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent before an orderly end: source completed, `close()`, maximum age, shutdown. */
  closeMessage?: SseMessage | string;
  /**
   * What a client should do after the stream has ended because its source did, or by `close()`. EventSource takes every
   * end for a lost connection and reconnects. `'stop'` ends with a terminal id, and answers 204 to the request that
   * comes back with it, after which EventSource stops asking. Default `'reconnect'`.
   */
  onEnd?: 'reconnect' | 'stop';
  /**
   * How long, in milliseconds, the response headers are held while nothing was pushed yet, so that what throws first
   * gives its own status. Default: 10 000 while a handler's promise is pending, 250 for the first value of an iterator;
   * an Observable opens at once. `'first-message'` waits for the first message however long it takes.
   */
  openAfterMs?: number | 'first-message';
  /**
   * The largest message, and what may wait for a peer that does not keep up, in bytes (at least 65 536); beyond it `push()`
   * rejects and the stream of a piped Observable ends. Whoever awaits each push never gets there. Default 1 MiB.
   */
  maxBufferedBytes?: number;
  /** Milliseconds in which a peer must take some of what waits for it, before it is cut off; 0 = never. Default 30 000. */
  writeTimeoutMs?: number;
  /** Milliseconds after which a stream ends and its client reconnects, ±20 % per stream; 0 = never. Default 0. */
  maxAgeMs?: number;
  /** Longest `Last-Event-ID` in bytes; a longer one counts as absent. Default 1024. */
  maxLastEventIdBytes?: number;
  /**
   * Whether a request is answered with 406 whose `Accept` header does not admit `text/event-stream`, neither by name nor by
   * a wildcard. A request without the header is served; EventSource always sends it. Default false: `Accept` is not read.
   */
  requireAccept?: boolean;
  /**
   * Whether what is sent may be written straight to the socket, which takes half as much CPU. It is done only where it comes
   * to the same as `response.write()`: over HTTP/1, with nothing in between that compresses or watches the response. Default
   * true, unless the environment has `NEST_EVENT_STREAM_DIRECT_WRITES=off`.
   */
  directWrites?: boolean;
  /**
   * Whose stream it is, by names of your own: a user, a tenant, an address. Asked once, after the guards and before the
   * stream opens; `SseStreamRegistry` lists and closes by it. Default: nobody's.
   *
   * @example
   * ```ts
   * const options: SseStreamOptions = { keys: ({ user, ip }) => ({ user: user?.id, tenant: user?.tenant, ip }) };
   * ```
   */
  keys?: SseStreamKeysReader;
  /**
   * Ends the stream when its user is no longer allowed what it shows: by guards that are asked again, by the time at which a
   * token expires, or both. What a route says takes the place of what the module says, as a whole; `false` for nothing.
   * Default: a stream that was let in stays.
   */
  reauthorize?: SseReauthorizeOptions | false;
  /** Turns data that is neither a string nor bytes into text. Default `JSON.stringify`. */
  serialize?: (data: unknown) => string;
  /** Told when a handler or source fails after the stream has opened; may return a last message for the client. */
  onError?: SseErrorListener | Type<SseErrorHandler>;
  /** Told when the stream opens: 200 and headers are committed. */
  onOpen?: (stream: SseStreamInfo) => void;
  /** Told when a stream that had opened is over, which an interceptor's `finalize` cannot see. */
  onClose?: (stream: SseStreamInfo, reason: SseCloseReason) => void;
}

/** What hooks are told of a stream. */
export interface SseStreamInfo {
  /** Number of the stream in this process, counted from 1. */
  readonly streamId: number;
  /** `Controller.method` of a decorated route, else the request's method and path. */
  readonly route: string;
  /** What the client sent as `Last-Event-ID`. */
  readonly lastEventId: string | undefined;
  /** What the option `keys` has said of its request. */
  readonly keys: SseStreamKeys;
  /** The request's context, as a guard or interceptor sees it; absent for streams made by `SsePusherFactory`. */
  readonly executionContext?: ExecutionContext;
}

/** A function that may turn a failure into a last message. */
export type SseErrorListener = (
  error: unknown,
  stream: SseStreamInfo,
) => SseMessage | string | void | Promise<SseMessage | string | void>;

/** The injectable form of `onError`: give the class, and provide it in any module. */
export interface SseErrorHandler {
  onError: SseErrorListener;
}
