import type { SseSubscription } from '../receiver/index.js';
import type { SseSourceStatus } from './source-status.js';

/** A source with its handlers, over as many subscriptions as it takes. */
export interface RunningSource {
  /** The present one, or the last one. */
  readonly subscription: SseSubscription;
  /** Whether it is this instance that follows it, as far as others are concerned. */
  readonly isHeld: boolean;
  readonly status: SseSourceStatus;
  begin(): void;
  end(): Promise<void>;
  restart(): Promise<void>;
}
