import type { ChannelRequest } from './log-reader.js';

/** A channel that this process listens to. */
export class FollowedChannel {
  /** Whether what comes is delivered: from the moment on up to which its history was read. */
  isOpen = false;
  /** How many are waiting for it to be opened, or read once more. */
  openings = 0;
  /** Everything of it up to this position was delivered, or was in its history. */
  known = 0;
  /** Whether something of it did not come that should have. */
  hasHole = false;
  /** Position of its end, if that was told. */
  end: number | undefined;

  constructor(
    readonly name: string,
    readonly topic: string,
    readonly limits: ChannelRequest['limits'],
  ) {}
}
