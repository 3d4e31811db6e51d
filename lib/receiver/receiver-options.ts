import type { ConnectionOptions } from 'node:tls';
import type { Dispatcher } from 'undici';
import type { SseRequestHeaders } from './request-headers.js';
import type { SseStatusPolicy } from './response-verdict.js';
import type { RetryPolicy, SseRetryOptions } from './retry-policy.js';

/** What is known when a request is made. */
export interface SseAttemptContext {
  /** 1 for the first connection since the last message (or since the beginning), 2 for the one after it was lost, ... */
  readonly attempt: number;
  /** The cursor that the request will carry; empty when there is none. */
  readonly lastEventId: string;
}

/** Gives the headers of one request, fresh tokens included. */
export type SseHeadersFactory = (context: SseAttemptContext) => SseRequestHeaders | Promise<SseRequestHeaders>;

/** Options of {@link SseReceiverService.subscribe}. All times are in milliseconds. */
export interface SseReceiverOptions {
  /**
   * Headers to send, or a (possibly asynchronous) function that is called for each connection. They go before the
   * receiver's own `Accept` and `Cache-Control`; they are all dropped when a redirect leads to another origin. When the
   * function fails, that counts as a lost connection.
   */
  readonly headers?: SseRequestHeaders | SseHeadersFactory;
  /** Default `GET`. */
  readonly method?: string;
  /** Sent with each request; needs a method that carries one, such as `POST`. */
  readonly body?: string | Uint8Array;
  /** The cursor to begin with: `Last-Event-ID` of the first request. Default: none. */
  readonly lastEventId?: string;
  /** Aborting it closes the subscription, as `close()` does. */
  readonly signal?: AbortSignal;
  /**
   * Called with each comment, pings included, even while consumers are behind. What it throws, or rejects with, ends
   * the subscription.
   */
  readonly onComment?: (comment: string) => void;
  /** Which statuses are tried again. Default `retry-transient`: 408, 425, 429 and 5xx. */
  readonly statusPolicy?: SseStatusPolicy;
  /**
   * When to connect again after the connection was lost: options of the default policy, or a policy. `false`: never,
   * and the server's orderly end is the end; this is the default for all methods but `GET`, since a request that does
   * something must not be sent twice unless you say so.
   */
  readonly retry?: SseRetryOptions | RetryPolicy | false;
  /**
   * How long the connection may take to be there; a `headers` function has as long before that. Default 10,000;
   * 0 = for ever.
   */
  readonly connectTimeoutMs?: number;
  /** From sending the request until the response's headers are there. Default 60,000; 0 = for ever. */
  readonly firstByteTimeoutMs?: number;
  /**
   * How long an open stream may stay without a single byte; 0 = for ever. Default: learnt from the server. Once a ping
   * (a comment, or an event named `ping`) has broken a silence of at least 1 s, three times the longest silence, at
   * least 45,000; before that 300,000. Not counted while a consumer holds the stream up.
   */
  readonly idleTimeoutMs?: number;
  /** The largest message to accept, in bytes; a larger one ends the subscription. Default: the decoder's, 16 MiB. */
  readonly maxMessageBytes?: number;
  /** How many redirects one connection follows. Default 5; 0 = none. */
  readonly maxRedirects?: number;
  /** Options for `tls.connect`: CA, client certificate, ... Certificate and key are shown to the URL's own origin only. */
  readonly tls?: ConnectionOptions;
  /**
   * A dispatcher of undici 7 to send requests through (proxy, Unix socket, mock); it stays yours to close. Default: a
   * connection of the subscription's own. Mind a flaw of undici 7's dispatchers, which that connection does not have: a
   * response that ends with its connection, and is cut off while a slow consumer holds it up, makes them throw where
   * nobody can catch it (an AssertionError).
   */
  readonly dispatcher?: Dispatcher;
}
