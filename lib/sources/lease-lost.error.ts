import { SseError } from '../protocol/index.js';

/**
 * Why a source is held no more:
 * - `expired`: the lease could not be renewed in time, for the store or this process was away
 * - `taken`: another instance has it, or the store has lost it
 */
export type SseLeaseLostReason = 'expired' | 'taken';

const WHY: Record<SseLeaseLostReason, string> = {
  expired: 'its lease could not be renewed in time',
  taken: 'the store says that this instance does not hold its lease any more',
};

/** Why the signal of a handler is aborted when its instance holds the source no more. */
export class SseLeaseLostError extends SseError {
  readonly code = 'SSE_LEASE_LOST';

  constructor(
    /** The name of the source. */
    readonly source: string,
    readonly reason: SseLeaseLostReason,
  ) {
    super(
      `The source ${JSON.stringify(source)} is lost to this instance: ${WHY[reason]}. Another one goes on from the stored ` +
        'cursor, so stop; the message comes again there.',
    );
  }
}
