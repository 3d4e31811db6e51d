import type { ConnectionOptions } from 'node:tls';
import type { Dispatcher } from 'undici';
import type { SseCursorStore } from './cursor-store.js';
import type {
  SseHeadersFactory,
  SsePerAttempt,
  SseReceiverOptions,
  SseRequestBody,
  SseUrlFactory,
} from './receiver-options.js';
import type { HeaderMap } from './request-headers.js';
import type { RequestTarget } from './request-target.js';
import type { SseStatusPolicy } from './response-verdict.js';
import type { RetryPolicy } from './retry-policy.js';

/** Options of a subscription, checked and with every default in its place. */
export interface ReceiverSettings {
  /** Absent where nobody needs it: without a cursor store. */
  readonly name?: string;
  readonly url: RequestTarget | SseUrlFactory;
  readonly method: string;
  readonly body?: SseRequestBody | SsePerAttempt<SseRequestBody>;
  readonly headers: HeaderMap | SseHeadersFactory;
  readonly lastEventId: string;
  readonly cursorStore?: SseCursorStore;
  readonly signal?: AbortSignal;
  readonly onComment?: (comment: string) => void;
  readonly onSkip?: () => void;
  readonly statusPolicy: SseStatusPolicy;
  readonly retry: RetryPolicy;
  /** One request and no other: an end in good order is then the end of everything. */
  readonly once: boolean;
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  /** Absent: learnt from the server. */
  readonly idleTimeoutMs?: number;
  readonly maxLifetimeMs: number;
  readonly maxMessageBytes?: number;
  readonly maxIdBytes: number;
  readonly oversize: 'fail' | 'skip';
  readonly maxRedirects: number;
  readonly allow?: SseReceiverOptions['allow'];
  readonly decompress: boolean;
  readonly tls?: ConnectionOptions;
  readonly dispatcher?: Dispatcher;
}

/** Whether a part of each request is made anew, so that asking again may give another answer. */
export function isMadeAnew({ url, headers, body }: ReceiverSettings): boolean {
  return [url, headers, body].some((part) => typeof part === 'function');
}
