import type { SseStreamInfo } from './stream-options.js';

/** Decides which requests get a stream, after those were answered that need none. */
export interface StreamGate {
  /**
   * Makes room for a stream, or refuses it. One that is let in is made in the same turn, so nobody comes in between.
   *
   * @returns how the request is refused, if it is
   */
  admit(stream: SseStreamInfo): CountedRefusal | undefined;
}

/**
 * Why a request got no stream:
 *
 * - `key-limit`: there were as many of the same user, tenant or address as there may be
 * - `max-streams`: there were as many in this process
 * - `load`: the process had too much to do
 * - `shutdown`: the application was closing
 */
export type SseRefusalReason = 'key-limit' | 'max-streams' | 'load' | 'shutdown';

/** Why a request gets no stream now, and what it gets instead. */
export interface StreamRefusal {
  /** 429 for what this client has too much of, 503 for what the server has too little of. */
  readonly status: 429 | 503;
  /** For a client that is told so in words. */
  readonly why: string;
  /** `'reconnect'`: 200, a jittered `retry:` and an end; `'status'`: the status, with `Retry-After`. */
  readonly refuseWith: 'reconnect' | 'status';
}

/** A refusal that operators are told the number of. */
export interface CountedRefusal extends StreamRefusal {
  readonly reason: SseRefusalReason;
}
