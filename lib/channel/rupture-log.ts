import { ChannelLog } from './channel-log.js';
import type { SseGapReason } from './gap-reason.js';

/**
 * A log in which there is never anything, and which everybody follows: its floor is where the log of all channels has lost
 * its newest part. Whoever stands below has missed something then, of whichever channel, and is told so like of any other
 * loss.
 */
export class RuptureLog extends ChannelLog {
  constructor() {
    super('', { events: 0, bytes: 0, ageMs: 0 }, 0);
  }

  override get gapReason(): SseGapReason {
    return 'restarted';
  }
}
