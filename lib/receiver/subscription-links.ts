import type { Transport } from './transport.js';

/** What a subscription has from its maker. */
export interface SubscriptionLinks {
  readonly transport: Transport;
  /** It is closed for good. */
  onClosed(): void;
  /** The cursor could not be saved. */
  onCursorTrouble(error: unknown, isLast: boolean): void;
}
