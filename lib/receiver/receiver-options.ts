import type { ConnectionOptions } from 'node:tls';
import type { Dispatcher } from 'undici';
import type { SseCursorStore } from './cursor-store.js';
import type { SseRequestHeaders } from './request-headers.js';
import type { SseStatusPolicy } from './response-verdict.js';
import type { RetryPolicy, SseRetryOptions } from './retry-policy.js';

/** What is known when a request is made. */
export interface SseAttemptContext {
  /** 1 for the first connection since the last message (or since the beginning), 2 for the one after it was lost, ... */
  readonly attempt: number;
  /** The cursor that the request will carry; empty when there is none. */
  readonly lastEventId: string;
  /** What the connection before this one failed of; after a 401, say, a token from a cache is worth nothing any more. */
  readonly lastError?: Error;
}

/** Gives a part of one request. */
export type SsePerAttempt<T> = (context: SseAttemptContext) => T | Promise<T>;

/** Gives the headers of one request, fresh tokens included. */
export type SseHeadersFactory = SsePerAttempt<SseRequestHeaders>;

/** Gives the URL of one request, from service discovery for instance. */
export type SseUrlFactory = SsePerAttempt<string | URL>;

/** What can be sent as a body. */
export type SseRequestBody = string | Uint8Array;

/** Options of {@link SseReceiverService.subscribe}. All times are in milliseconds. */
export interface SseReceiverOptions {
  /** What the source is called in logs, and in the cursor store. Any text; needed with a `cursorStore`. */
  readonly name?: string;
  /**
   * Headers to send, or a (possibly asynchronous) function that is called for each connection. They go before the
   * receiver's own `Accept` and `Cache-Control`; they are all dropped when a redirect leads to another origin. When the
   * function fails, that counts as a lost connection. Where the URL, the headers or the body come from a function, a 401
   * is tried once more at once, for it to give a fresh token (`lastError` has the 401).
   */
  readonly headers?: SseRequestHeaders | SseHeadersFactory;
  /** Default `GET`. */
  readonly method?: string;
  /** Sent with each request, or a function that gives it; needs a method that carries one, such as `POST`. */
  readonly body?: SseRequestBody | SsePerAttempt<SseRequestBody>;
  /** The cursor to begin with: `Last-Event-ID` of the first request. Default: none. One in the `cursorStore` goes before. */
  readonly lastEventId?: string;
  /**
   * Where the cursor is kept, under the `name`, for when the process ends in whatever way: a message counts from when its
   * consumer has finished it, so that what was unfinished comes again (at least once). Needs consumers that tell when they
   * have finished: `for await`, `process()` or `concatMap()`; `messages$` cannot be used with it.
   */
  readonly cursorStore?: SseCursorStore;
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
   * How long the connection may take to be there; the cursor store and functions for the request have as long before
   * that. Default 10,000; 0 = for ever.
   */
  readonly connectTimeoutMs?: number;
  /** From sending the request until the response's headers are there. Default 60,000; 0 = for ever. */
  readonly firstByteTimeoutMs?: number;
  /**
   * How long an open stream may stay without a single byte; 0 = for ever. Default: learnt from the server. Once a ping
   * (a comment, or a message named `ping`) has broken a silence of at least 1 s, three times the longest silence, at
   * least 45,000; before that 300,000. Not counted while a consumer holds the stream up.
   */
  readonly idleTimeoutMs?: number;
  /**
   * How long one connection may last before it is made anew, spread downwards by up to a fifth, so that long-lived
   * clients find their way to new instances. Default 0 = for ever. It ends a request that is made once only.
   */
  readonly maxLifetimeMs?: number;
  /** The largest message to accept, in bytes. Default: the decoder's, 16 MiB. */
  readonly maxMessageBytes?: number;
  /** The largest id to accept, in bytes; servers refuse headers that are much larger. Default 4,096. */
  readonly maxIdBytes?: number;
  /** What a larger message, line or id does: `fail` (the default) ends the subscription, `skip` passes over its message. */
  readonly oversize?: 'fail' | 'skip';
  /** Called for each message that `oversize: 'skip'` has passed over. What it throws ends the subscription. */
  readonly onSkip?: () => void;
  /** How many redirects one connection follows. Default 5; 0 = none, and one is final. */
  readonly maxRedirects?: number;
  /**
   * Whether a URL may be requested, redirects included; anything but `true` refuses, which is final. It sees names, not
   * the addresses that they resolve to: against names that lead inside, give a `dispatcher` with a `lookup` of its own.
   */
  readonly allow?: (url: URL) => boolean | Promise<boolean>;
  /**
   * Accepts gzip, deflate and brotli. Default false: streams of small events gain little, and it costs memory and time.
   * What decompresses to more than 250 times its size (beyond 16 MiB) ends the subscription.
   */
  readonly decompress?: boolean;
  /** Options for `tls.connect`: CA, client certificate, ... Certificate and key are shown to the URL's own origin only. */
  readonly tls?: ConnectionOptions;
  /**
   * A dispatcher of undici 7 to send requests through (proxy, Unix socket, mock); it stays yours to close. One that shows a
   * client certificate shows it to the targets of redirects, too: refuse those with `allow` or `maxRedirects: 0`. Default: a
   * connection of the subscription's own. Mind a flaw of undici 7's dispatchers, which that connection does not have: a
   * response that ends with its connection, and is cut off while a slow consumer holds it up, makes them throw where
   * nobody can catch it (an AssertionError).
   */
  readonly dispatcher?: Dispatcher;
}
