import type { SseConnectionState } from './connection-state.js';
import type { HeaderMap } from './request-headers.js';

/** Told of the subscriptions of a receiver, for metrics and traces. No method throws. */
export interface ReceiverObserver {
  /** There is another subscription. @returns who is told what becomes of it */
  observe(subscription: ObservedSubscription): SubscriptionObserver;
}

/** A subscription as it is observed; who keeps it keeps all that it has received. */
export interface ObservedSubscription {
  readonly name: string | undefined;
  readonly method: string;
  /** Messages that have arrived and that not every consumer has finished. */
  backlog(): number;
}

/** What one subscription tells. */
export interface SubscriptionObserver {
  entered(state: SseConnectionState): void;
  received(): void;
  /** Some of what arrived together was a message. */
  chunkDone(): void;
  /** Headers for the request of the connection that was entered last; those of the caller win. */
  requestHeaders(): HeaderMap;
}
