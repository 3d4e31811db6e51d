import type { Transport } from './transport.js';

/** What a subscription has from its maker. */
export interface SubscriptionLinks {
  readonly transport: Transport;
  /** It is closed for good. */
  onClosed(): void;
  /** A consumer has left before it had finished its message, while others go on: the cursor stays before it. */
  onCursorHeld(cursor: string): void;
  /** The cursor could not be saved. */
  onCursorTrouble(error: unknown, isLast: boolean): void;
}
