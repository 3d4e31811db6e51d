import { Batch, type Placed } from './batch.js';
import type { NewestPositions } from './newest-positions.js';
import { type PendingPublish, refusal } from './pending-publish.js';
import { isAnswer, isRefusal, persist } from './persist.js';
import type { RedisLink } from './redis-link.js';

export interface BatchUnderWayParts {
  readonly link: RedisLink;
  readonly newest: NewestPositions;
  /** Settles when all was told of the batch before this one: in that order they are told. */
  readonly before: Promise<void> | undefined;
  attempt(batch: Batch): Promise<unknown>;
}

/** A batch that is sent until there is an answer to it, or nobody waits for one any more. */
export class BatchUnderWay {
  readonly pending: readonly PendingPublish[];
  /** Settles when all who wait were told. */
  readonly done: Promise<void>;
  readonly #batch: Batch;
  readonly #parts: BatchUnderWayParts;
  readonly #abandoned = new AbortController();
  /** Whether there was an attempt without an answer. */
  #mayBePlaced = false;

  constructor(number: number, pending: readonly PendingPublish[], parts: BatchUnderWayParts) {
    this.pending = pending;
    this.#parts = parts;
    this.#batch = new Batch(
      number,
      pending.map(({ placement }) => placement),
    );
    this.done = this.#send();
  }

  get number(): number {
    return this.#batch.number;
  }

  get isAwaited(): boolean {
    return this.pending.some(({ isSettled }) => !isSettled);
  }

  /** Nobody waits for it: what comes next need not wait for it either. */
  abandon(): void {
    this.#abandoned.abort(new Error('It took too long.'));
  }

  async #send(): Promise<void> {
    const { link, before } = this.#parts;
    try {
      const answer = (await persist(link, () => this.#attempt(), this.#abandoned.signal)) as string;
      await before;
      this.#batch.read(answer, (index, outcome, epoch) => this.#settle(this.pending[index]!, outcome, epoch));
    } catch (error) {
      await before;
      for (const each of this.pending) {
        if (isRefusal(error)) {
          each.fail(refusal(error, this.#mayBePlaced));
        } else {
          each.expire(error);
        }
      }
    }
  }

  async #attempt(): Promise<unknown> {
    for (const each of this.pending) {
      each.isSent = true;
    }
    try {
      return await this.#parts.attempt(this.#batch);
    } catch (error) {
      this.#mayBePlaced ||= !isAnswer(error);
      throw error;
    }
  }

  #settle(pending: PendingPublish, outcome: Placed, epoch: string): void {
    const { channel, tombstoneMs } = pending.placement;
    if (typeof outcome === 'number' && tombstoneMs === undefined) {
      this.#parts.newest.set(channel, outcome);
    }
    pending.settle(outcome, epoch);
  }
}
