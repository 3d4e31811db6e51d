import { SseError } from '../protocol/index.js';

/**
 * - `name`: what was given cannot name a channel
 * - `closed`: the channel was closed, and its end is still remembered (`tombstoneMs`)
 * - `filter`, `conflateBy`, `snapshot`: that function of a subscription threw; its stream ends
 * - `stopped`: the application is closing
 */
export type SseChannelProblem = 'name' | 'closed' | 'filter' | 'conflateBy' | 'snapshot' | 'stopped';

/** Something about a channel that cannot be done. */
export class SseChannelError extends SseError {
  readonly code = 'SSE_CHANNEL';

  constructor(
    readonly problem: SseChannelProblem,
    /** The channel's name; absent when it is the name that is wrong. */
    readonly channel: string | undefined,
    what: string,
    options?: ErrorOptions,
  ) {
    super(channel === undefined ? `A channel's name ${what}` : `Channel ${JSON.stringify(channel)}: ${what}`, options);
  }
}
