import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { ControlChannel } from '../channel/index.js';
import type { StreamAuthority, StreamLedger } from '../pusher/index.js';
import { closeStreams } from './close-streams.js';
import { RecentRevocations } from './recent-revocations.js';
import { checkRevocable, formatRevocation, parseRevocation } from './revocation.js';
import { matches, type SseStreamFilter } from './stream-filter.js';

export interface RevokerParts {
  readonly ledger: StreamLedger;
  readonly control: ControlChannel;
  readonly authority: StreamAuthority | undefined;
}

/**
 * Closes the streams of those who are no longer allowed them, here and on every other instance. An instance listens from its
 * first stream on: one that only publishes has nothing to close.
 */
export class Revoker {
  readonly #logger = new Logger('SseStreamRegistry');
  readonly #id = randomUUID();
  readonly #ledger: StreamLedger;
  readonly #control: ControlChannel;
  readonly #authority: StreamAuthority | undefined;
  readonly #recent = new RecentRevocations();
  /** When each stream was made that is not over, in milliseconds of `performance.now()`; empty where there is no other instance. */
  readonly #madeAt = new WeakMap<object, number>();
  /** Requests that a guard may have let in before a revocation, and whose streams have not opened. */
  readonly #doubtful = new WeakSet<object>();
  #hasHeardNonsense = false;

  constructor({ ledger, control, authority }: RevokerParts) {
    this.#ledger = ledger;
    this.#control = control;
    this.#authority = authority;
    ledger.watch({
      created: ({ info }) => {
        if (control.isShared) {
          this.#madeAt.set(info, performance.now());
          control.follow({
            heard: (text, at) => this.#heard(text, at),
            missed: () => this.#missed(),
          });
        }
        if (this.#recent.concerns(info)) {
          this.#doubtful.add(info);
        }
      },
      opened: ({ info }) => {
        if (this.#doubtful.delete(info)) {
          authority?.check((stream) => stream === info);
        }
      },
    });
  }

  /** @returns how many were closed here, once all of them are, and the others will hear of it */
  async revoke(filter: SseStreamFilter): Promise<number> {
    checkRevocable(filter);
    const closing = this.#close(filter, Number.POSITIVE_INFINITY);
    try {
      if (filter.id === undefined && this.#control.isShared) {
        await this.#control.say(formatRevocation({ from: this.#id, filter }));
      }
    } finally {
      await closing;
    }
    return closing;
  }

  #heard(text: string, placedAt: number): void {
    const revocation = parseRevocation(text);
    if (!revocation) {
      if (!this.#hasHeardNonsense) {
        this.#hasHeardNonsense = true;
        this.#logger.error(
          'Another instance, or somebody else, has revoked what this one does not understand; ignored',
        );
      }
    } else if (revocation.from !== this.#id) {
      void this.#close(revocation.filter, placedAt);
      // Those that were made later may be of requests that were let in earlier.
      this.#authority?.check((stream) => matches(revocation.filter, stream));
    }
  }

  /** What was revoked meanwhile is not known, so that everybody is asked whom there is somebody to ask about. */
  #missed(): void {
    const unasked = this.#ledger.unfinished().filter(({ settings }) => !settings.reauthorize).length;
    const others = `${unasked} streams of this instance have no 'reauthorize', and stay`;
    this.#logger.error(`Revocations of other instances may have been missed: all streams are checked now; ${others}`);
    this.#authority?.check(() => true);
  }

  /** @param through streams that were made later are of somebody who was let in again */
  #close(filter: SseStreamFilter, through: number): Promise<number> {
    this.#recent.add(filter);
    const streams = this.#ledger.unfinished().filter(({ info, state }) => {
      return state !== 'closed' && matches(filter, info) && (this.#madeAt.get(info) ?? 0) <= through;
    });
    return closeStreams(streams, { reason: 'revoked' });
  }
}
