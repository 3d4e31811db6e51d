import type { SseCloseReason, StreamLedger } from '../pusher/index.js';

/** Every stream of this process: how many are open now, and how the others ended. Injectable. */
export class SseStreamRegistry {
  readonly #ledger: StreamLedger;

  /** @internal */
  constructor(ledger: StreamLedger) {
    this.#ledger = ledger;
  }

  /** Streams that are open now. */
  get count(): number {
    return this.#ledger.count;
  }

  /** How many streams have ended since the start, by reason. */
  closedCounts(): ReadonlyMap<SseCloseReason, number> {
    return this.#ledger.closedCounts();
  }
}
