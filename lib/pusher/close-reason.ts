/**
 * Why a stream ended:
 *
 * - `client`: the peer went away
 * - `ended`: its source completed, or somebody called `close()`
 * - `error`: its handler or source failed, or guards of `reauthorize` that could not tell whether it is allowed
 * - `stalled`: the peer stopped reading, for `writeTimeoutMs` or past `maxBufferedBytes`
 * - `max-age`: it reached `maxAgeMs`
 * - `shutdown`: the application is closing
 * - `revoked`: its user is no longer allowed it, by the option `reauthorize` or by `SseStreamRegistry.revoke()`
 * - `replaced`: ended by a newer stream of the same user
 * - `refused`: its request got no stream, for there were too many
 */
export type SseCloseReason =
  | 'client'
  | 'ended'
  | 'error'
  | 'stalled'
  | 'max-age'
  | 'shutdown'
  | 'revoked'
  | 'replaced'
  | 'refused';

/** What the `reason` of a pusher's aborted `signal` is. */
export interface SseStreamClosed {
  readonly reason: SseCloseReason;
}
