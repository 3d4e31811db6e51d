import { SseError } from '../protocol/index.js';

/**
 * Why a backplane did not do what it was asked for:
 *
 * - `unreachable`: it is cut off from what it stands on, a server that is restarted for instance
 * - `timeout`: no answer came in time
 * - `refused`: what it stands on said no; see the cause
 * - `overflow`: more waits to be sent than it may hold
 * - `stopped`: the application is closing
 */
export type SseBackplaneErrorReason = 'unreachable' | 'timeout' | 'refused' | 'overflow' | 'stopped';

const ADVICE: Readonly<Record<SseBackplaneErrorReason, string>> = {
  unreachable: 'see whether what it stands on is there, and try again later',
  timeout: 'see whether what it stands on is overloaded, and try again later',
  refused: 'see the cause',
  overflow: 'publish less at once, and await each publish()',
  stopped: 'nothing can be done any more, the application closes',
};

/** What joins the processes of an application failed. Streams that are open stay so, and are told of what they have missed. */
export class SseBackplaneError extends SseError {
  readonly code = 'SSE_BACKPLANE';

  constructor(
    readonly reason: SseBackplaneErrorReason,
    what: string,
    /**
     * For a `publish` and a `close`: whether it may have taken effect all the same, for only the answer to it was lost. Who
     * tries again may then send the message twice.
     */
    readonly mayHaveBeenPlaced: boolean,
    options?: ErrorOptions,
  ) {
    const all = mayHaveBeenPlaced ? `${ADVICE[reason]}; it may have taken effect all the same` : ADVICE[reason];
    super(`The backplane ${what}: ${all}`, options);
  }
}
