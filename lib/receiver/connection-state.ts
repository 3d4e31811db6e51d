import type { IncomingHttpHeaders } from 'node:http';

/** Where a subscription stands. */
export type SseConnectionPhase = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';

/**
 * Why a connection is over:
 * - `end`: the server ended the stream in good order
 * - `no-content`: the server answered 204, which tells clients to stop
 * - `http`: another status than 200
 * - `content-type`: status 200, but what follows is no plain event stream
 * - `redirect`: a redirect that was not followed
 * - `network`: the connection could not be made, or broke
 * - `timeout`: a connect, first-byte or idle timeout
 * - `lifetime`: it has lasted for `maxLifetimeMs`, and is made anew
 * - `decode`: bytes that cannot be decoded, or a message over `maxMessageBytes`
 * - `request`: the request could not be made: a function for it failed, what it gave cannot be sent, or `allow` refused
 * - `cursor`: the cursor store could not load the cursor, or somebody else has taken the source over
 * - `aborted`: by `close()`, or by the `signal`
 */
export type SseOutcomeKind =
  | 'end'
  | 'no-content'
  | 'http'
  | 'content-type'
  | 'redirect'
  | 'network'
  | 'timeout'
  | 'lifetime'
  | 'decode'
  | 'request'
  | 'cursor'
  | 'aborted';

/** How one connection ended. */
export interface SseConnectionOutcome {
  readonly kind: SseOutcomeKind;
  /** Which connection it was since the last message: 1 for the first one that was lost in a row. */
  readonly attempt: number;
  /** Whether another connection will be made. */
  readonly willRetry: boolean;
  /** Milliseconds until then; absent when there will be none. */
  readonly nextDelayMs?: number;
  /** The status of the response, if there was one. */
  readonly status?: number;
  /** The headers of the response, if there was one; cookies and `location` are not enumerable, lest logs show them. */
  readonly headers?: IncomingHttpHeaders;
  /** The first bytes of a refused response's body, as text. */
  readonly bodyExcerpt?: string;
  /** What went wrong; absent for `end`, `no-content` and `aborted`. */
  readonly error?: Error;
}

/** What `state$` emits: the phase, with what there is to know about it. */
export type SseConnectionState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'connecting'; readonly attempt: number }
  | { readonly phase: 'open'; readonly status: number; readonly headers: IncomingHttpHeaders }
  | { readonly phase: 'waiting'; readonly delayMs: number; readonly outcome: SseConnectionOutcome }
  | { readonly phase: 'closed'; readonly outcome?: SseConnectionOutcome; readonly error?: Error };
