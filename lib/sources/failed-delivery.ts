import type { ReceivedMessage } from '../protocol/index.js';

/** A handler's failure, as the log and dead letters hear of it. */
export interface FailedDelivery {
  readonly handler: string;
  readonly message: ReceivedMessage;
  readonly attempts: number;
  readonly error: unknown;
}
