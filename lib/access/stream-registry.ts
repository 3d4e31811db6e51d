import { Logger } from '@nestjs/common';
import { assertOptions, count, findOptionProblems, type OptionRules } from '../protocol/internal.js';
import type { ManagedStream, SseCloseReason, SseRefusalReason, StreamLedger } from '../pusher/index.js';
import { guardRejection, messageOf } from '../pusher/internal.js';
import { assertMeansSome, STREAM_FILTER_RULES } from './check-stream-filter.js';
import { CLOSE_RULES, closeStreams, type SseStreamCloseOptions } from './close-streams.js';
import { ClosedStreams, type SseClosedStream } from './closed-streams.js';
import type { Revoker } from './revoker.js';
import { matches, type SseStreamFilter } from './stream-filter.js';
import { reportOf, type SseStreamReport } from './stream-report.js';

/** Which streams to list, and how many. */
export interface SseStreamListOptions extends SseStreamFilter {
  /** Streams with a higher id than this one: that of the last of the page before. Default 0. */
  readonly after?: number;
  /** At most so many, the oldest first. Default 1000, which takes a few milliseconds at most times. */
  readonly limit?: number;
}

const LIST_RULES: OptionRules<SseStreamListOptions> = {
  ...STREAM_FILTER_RULES,
  after: count(),
  limit: count({ min: 1 }),
};
const DEFAULT_LIMIT = 1000;

/**
 * Every stream of this process: what is open now, how it fares, and how the others ended. It keeps nothing for that: what
 * it tells is gathered when it is asked. Injectable.
 */
export class SseStreamRegistry {
  readonly #ledger: StreamLedger;
  readonly #closed = new ClosedStreams();
  readonly #revoker: Revoker;
  readonly #logger = new Logger('SseStreamRegistry');

  /** @internal */
  constructor(ledger: StreamLedger, revoker: Revoker) {
    this.#ledger = ledger;
    ledger.watch({
      closed: (stream, reason) => this.#closed.add(stream, reason),
      gone: (stream) => this.#closed.finish(stream),
    });
    this.#revoker = revoker;
  }

  /** Streams that are open now. */
  get count(): number {
    return this.#ledger.count;
  }

  /**
   * Open streams that match.
   *
   * @throws SseOptionsError for what is no filter
   */
  countOf(filter: SseStreamFilter): number {
    return this.#find(filter).filter(({ state }) => state === 'open').length;
  }

  /** Open streams by route, for those routes that have any. */
  countByRoute(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { state, info } of this.#ledger.unfinished()) {
      if (state === 'open') {
        counts.set(info.route, (counts.get(info.route) ?? 0) + 1);
      }
    }
    return counts;
  }

  /**
   * Streams whose response is not over, also those whose head is still held, the oldest first.
   *
   * @returns snapshots: nothing of them changes any more
   * @throws SseOptionsError for options that cannot be used
   *
   * @example
   * ```ts
   * const slow = registry.list({ route: 'RoomsController.follow' }).filter(({ lag }) => lag && lag.forMs > 5000);
   * ```
   */
  list(options: SseStreamListOptions = {}): SseStreamReport[] {
    assertOptions(findOptionProblems(options, LIST_RULES));
    const { after = 0, limit = DEFAULT_LIMIT, ...filter } = options;
    const now = performance.now();
    const reports: SseStreamReport[] = [];
    for (const stream of this.#ledger.unfinished()) {
      if (stream.info.streamId > after && matches(filter, stream.info)) {
        reports.push(reportOf(stream, now));
        if (reports.length === limit) {
          break;
        }
      }
    }
    return reports;
  }

  /**
   * Ends the streams of this process that match now, in good order: what waits for them is written, then a last message. A
   * browser comes back from it, so whoever shall stay away has to be refused by a guard.
   *
   * @param filter what to close; `'all'` for everything, which an empty filter does not mean
   * @returns how many it has closed. Up to a hundred are closed when the call returns, more in slices
   * @throws SseOptionsError (as a rejection) for a filter that says nothing, and options that cannot be used
   * @throws SseInvalidMessageError (as a rejection) for a message that cannot be sent; then none is closed
   *
   * @example
   * ```ts
   * await registry.close({ keys: { user: 7 } }, { message: { event: 'signed-out', data: {} } });
   * ```
   */
  async close(filter: SseStreamFilter | 'all', options: SseStreamCloseOptions = {}): Promise<number> {
    assertOptions(findOptionProblems(options, CLOSE_RULES));
    if (filter === 'all') {
      return closeStreams(this.#ledger.unfinished(), options);
    }
    const found = this.#find(filter);
    assertMeansSome(filter);
    return closeStreams(found, options);
  }

  /** How many streams have ended since the start, by reason. */
  closedCounts(): ReadonlyMap<SseCloseReason, number> {
    return this.#ledger.closedCounts();
  }

  /** How many requests have got no stream since the start, for a limit, for load or for shutdown. */
  refusedCounts(): ReadonlyMap<SseRefusalReason, number> {
    return this.#ledger.refusedCounts();
  }

  /**
   * The streams that ended last, the newest first; the last hundred are remembered.
   *
   * @throws SseOptionsError for a limit that is no whole number
   */
  recentlyClosed(limit = 20): SseClosedStream[] {
    assertOptions(findOptionProblems({ limit }, { limit: count() }));
    return this.#closed.newest(limit);
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

  #find(filter: SseStreamFilter): ManagedStream[] {
    assertOptions(findOptionProblems(filter, STREAM_FILTER_RULES));
    return this.#ledger.unfinished().filter(({ info }) => matches(filter, info));
  }
}
