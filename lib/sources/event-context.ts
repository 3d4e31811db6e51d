import type { Delivery } from './delivery.js';
import type { SseEventContext } from './event-handler-options.js';

/** Makes its signal when it is asked for: few methods do, and it is dear. */
export class EventContext implements SseEventContext {
  declare readonly event?: string;
  readonly #delivery: Delivery;

  constructor(
    readonly source: string,
    event: string | undefined,
    readonly attempt: number,
    delivery: Delivery,
  ) {
    if (event !== undefined) this.event = event;
    this.#delivery = delivery;
  }

  get signal(): AbortSignal {
    return this.#delivery.signal;
  }
}
