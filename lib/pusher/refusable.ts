import type { HttpExchange } from './http-exchange.js';
import type { ManagedStream } from './managed-stream.js';
import type { SseStreamState } from './stream-life.js';

/** A stream that may have to be turned away after it was made. */
export interface Refusable extends Pick<ManagedStream, 'settings' | 'end'> {
  readonly exchange: HttpExchange;
  readonly state: SseStreamState;
  abandon(): void;
}
