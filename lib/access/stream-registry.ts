import { Logger } from '@nestjs/common';
import type { SseCloseReason, StreamLedger } from '../pusher/index.js';
import { guardRejection, messageOf } from '../pusher/internal.js';
import type { Revoker } from './revoker.js';
import type { SseStreamFilter } from './stream-filter.js';

/** Every stream of this process: how many are open now, and how the others ended. Injectable. */
export class SseStreamRegistry {
  readonly #ledger: StreamLedger;
  readonly #revoker: Revoker;
  readonly #logger = new Logger('SseStreamRegistry');

  /** @internal */
  constructor(ledger: StreamLedger, revoker: Revoker) {
    this.#ledger = ledger;
    this.#revoker = revoker;
  }

  /** Streams that are open now. */
  get count(): number {
    return this.#ledger.count;
  }

  /** How many streams have ended since the start, by reason. */
  closedCounts(): ReadonlyMap<SseCloseReason, number> {
    return this.#ledger.closedCounts();
  }

  /**
   * Closes the streams now that somebody is no longer allowed, on every instance that the module's `backplane` joins: all
   * that match, with the reason `revoked`. Their clients come back, and are told by the guards of the route that they may
   * not; so first take away the permission, then revoke. Streams that open after the call stay.
   *
   * @param match all that is given has to be so; `id` is the number of a stream of this process, and reaches no other
   * @returns how many were closed in this process; the others hear of it within milliseconds, those that are cut off when they
   * come back
   * @throws SseOptionsError (as a rejection) for a filter that names nothing, or a key without a value
   * @throws SseBackplaneError (as a rejection) when other instances could not be told; the streams of this process are closed
   * all the same
   *
   * A rejection that nobody awaits is logged; it never becomes an unhandled one.
   *
   * @example
   * ```ts
   * const lockOut = (user: User) => registry.revoke({ keys: { user: user.id } });
   * ```
   */
  revoke(match: SseStreamFilter): Promise<{ readonly closed: number }> {
    return guardRejection(this.#revoke(match), (error) => {
      this.#logger.error(`A revocation has failed and nobody awaited it: ${messageOf(error)}`);
    });
  }

  async #revoke(match: SseStreamFilter): Promise<{ readonly closed: number }> {
    return { closed: await this.#revoker.revoke(match) };
  }
}
