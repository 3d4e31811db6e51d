import { SseBackplaneError, SseChannelError } from '../channel/index.js';
import type { Placed, Placement } from './batch.js';

/** A position, and the lifetime of the log that it belongs to. */
export interface PlacedAt {
  readonly position: number;
  readonly epoch: string;
}

/**
 * A message that somebody waits for to be placed. Holds its placement as it is: to copy its fields into a larger object costs
 * more than all else here.
 */
export class PendingPublish {
  /** Whether it was sent. */
  isSent = false;
  isSettled = false;
  readonly promise: Promise<PlacedAt>;
  #resolve!: (at: PlacedAt) => void;
  #reject!: (error: Error) => void;

  /** @param onEnd told once, when it is settled */
  constructor(
    readonly placement: Placement,
    readonly expiresAt: number,
    readonly onEnd: (pending: PendingPublish) => void,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  settle(outcome: Placed, epoch: string): void {
    if (typeof outcome !== 'number') {
      this.fail('closed' in outcome ? closed(this.placement.channel) : refusal(new Error(outcome.refused)));
    } else if (!this.isSettled) {
      this.#end();
      this.#resolve({ position: outcome, epoch });
    }
  }

  fail(error: Error): void {
    if (!this.isSettled) {
      this.#end();
      this.#reject(error);
    }
  }

  expire(cause?: unknown): void {
    this.fail(
      this.isSent
        ? new SseBackplaneError('timeout', 'had no answer from Redis in time', true, { cause })
        : new SseBackplaneError('unreachable', 'could not reach Redis in time', false, { cause }),
    );
  }

  #end(): void {
    this.isSettled = true;
    this.onEnd(this);
  }
}

export function refusal(error: unknown, mayHaveBeenPlaced = false): SseBackplaneError {
  const what = `was refused by Redis (${(error as Error).message})`;
  return new SseBackplaneError('refused', what, mayHaveBeenPlaced, { cause: error });
}

function closed(channel: string): SseChannelError {
  return new SseChannelError('closed', channel, 'was closed, and takes no messages until its tombstone is gone');
}
