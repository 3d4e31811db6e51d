import type { IncomingHttpHeaders } from 'node:http';
import type { SseOutcomeKind } from './connection-state.js';

/** How a connection ended, before anybody has decided what follows from it. */
export interface ConnectionResult {
  readonly kind: SseOutcomeKind;
  readonly retryable: boolean;
  readonly status?: number;
  readonly headers?: IncomingHttpHeaders;
  readonly bodyExcerpt?: string;
  readonly error?: Error;
}
