import type { IncomingHttpHeaders } from 'node:http';
import { SseError } from '../protocol/index.js';
import type { SseOutcomeKind } from './connection-state.js';

/** What is known about a connection that failed. */
export interface SseConnectFailure {
  readonly kind: SseOutcomeKind;
  readonly retryable: boolean;
  readonly status?: number;
  readonly headers?: IncomingHttpHeaders;
  readonly bodyExcerpt?: string;
  readonly cause?: unknown;
}

/**
 * A connection to an event stream failed for good: the server refused it, or the retry policy gave up. The message
 * names the origin and path of the URL only; no header, no credentials and no query string.
 *
 * @example
 * catch (error) {
 *   if (error instanceof SseConnectError && error.status === 404) { ... }
 * }
 */
export class SseConnectError extends SseError {
  readonly code = 'SSE_CONNECT';
  /** What kind of failure it was. */
  readonly kind: SseOutcomeKind;
  /** Whether the same request may succeed later: network errors, timeouts, 408, 425, 429 and 5xx. */
  readonly retryable: boolean;
  /** The status that the server answered with, if it answered. */
  readonly status?: number;
  /** The first bytes (at most 1 KiB) of the refused response's body, as text. */
  readonly bodyExcerpt?: string;
  /** The headers that the server answered with. Not enumerable: they make logs hard to read. */
  declare readonly headers?: IncomingHttpHeaders;
  /** Which connection it was that failed: 1 for the first one that was lost in a row. */
  readonly attempt: number = 1;
  /** Whether another connection is made; always false for what a subscription ends with. */
  readonly willRetry: boolean = false;
  /** Milliseconds until then; absent when there will be none. */
  declare readonly nextDelayMs?: number;

  constructor(message: string, { kind, retryable, status, headers, bodyExcerpt, cause }: SseConnectFailure) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.retryable = retryable;
    if (status !== undefined) this.status = status;
    if (bodyExcerpt !== undefined) this.bodyExcerpt = bodyExcerpt;
    if (headers) Object.defineProperty(this, 'headers', { value: headers, enumerable: false });
  }

  /** @internal What was decided when the connection was lost. */
  decide(decision: { attempt: number; willRetry: boolean; nextDelayMs?: number }): void {
    Object.assign(this, decision);
  }
}
