import type { ConnectionOptions } from 'node:tls';
import type { Dispatcher } from 'undici';
import type { SseHeadersFactory } from './receiver-options.js';
import type { HeaderMap } from './request-headers.js';
import type { SseStatusPolicy } from './response-verdict.js';
import type { RetryPolicy } from './retry-policy.js';

/** Options of a subscription, checked and with every default in its place. */
export interface ReceiverSettings {
  /** Without credentials and fragment. */
  readonly url: URL;
  readonly method: string;
  readonly body?: string | Uint8Array;
  readonly headers: HeaderMap | SseHeadersFactory;
  /** What the credentials in the URL amount to; a caller's own header goes before it. */
  readonly authorization?: string;
  readonly lastEventId: string;
  readonly signal?: AbortSignal;
  readonly onComment?: (comment: string) => void;
  readonly statusPolicy: SseStatusPolicy;
  readonly retry: RetryPolicy;
  /** One request and no other: an end in good order is then the end of everything. */
  readonly once: boolean;
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  /** Absent: learnt from the server. */
  readonly idleTimeoutMs?: number;
  readonly maxMessageBytes?: number;
  readonly maxRedirects: number;
  readonly tls?: ConnectionOptions;
  readonly dispatcher?: Dispatcher;
}
