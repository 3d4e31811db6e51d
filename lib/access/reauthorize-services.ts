import type { StreamClock } from '../pusher/index.js';
import type { GuardFinder } from './guard-finder.js';
import type { GuardOutage } from './guard-outage.js';

/** What all streams share that are authorized anew. */
export interface ReauthorizeServices {
  readonly guards: GuardFinder;
  readonly clock: StreamClock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly outage: GuardOutage;
}
