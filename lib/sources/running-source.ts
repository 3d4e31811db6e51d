import type { SseSubscription } from '../receiver/index.js';

/** A source with its handlers, over as many subscriptions as it takes. */
export interface RunningSource {
  /** The present one, or the last one. */
  readonly subscription: SseSubscription;
  /** Whether it is this instance that follows it, as far as others are concerned. */
  readonly isHeld: boolean;
  begin(): void;
  end(): Promise<void>;
  restart(): Promise<void>;
}
