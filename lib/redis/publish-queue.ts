import { randomBytes } from 'node:crypto';
import { SseBackplaneError } from '../channel/index.js';
import type { Batch, Placement } from './batch.js';
import { BatchUnderWay } from './batch-under-way.js';
import { NewestPositions } from './newest-positions.js';
import { PendingPublish, type PlacedAt } from './pending-publish.js';
import type { RedisKeys } from './redis-keys.js';
import type { RedisLink } from './redis-link.js';
import { PUBLISH } from './scripts/publish.js';

/** What one call of the script takes at most. */
const BATCH_MESSAGES = 512;
const BATCH_BYTES = 1024 * 1024;

/** So many batches are under way at a time: while Redis places one, the next one is on its way. */
const BATCHES = 2;

export interface PublishQueueParts {
  readonly link: RedisLink;
  readonly keys: RedisKeys;
  /** Milliseconds after which a publish fails; 0 = never. */
  readonly timeoutMs: number;
  readonly maxPendingBytes: number;
  /** The newest position that this process knows of. */
  known(): number;
}

/**
 * Places messages in the order in which they come. What comes while a batch is under way is the next one: the busier it is,
 * the more goes with one round trip. Only one that is full leaves before there is an answer to the one before it.
 */
export class PublishQueue {
  readonly #parts: PublishQueueParts;
  readonly #newest = new NewestPositions();
  readonly #producer = randomBytes(9).toString('base64url');
  #waiting: PendingPublish[] = [];
  /** In the order of their numbers. */
  #underWay: BatchUnderWay[] = [];
  #pendingBytes = 0;
  #number = 0;
  #isDue = false;
  #stopped = false;
  #expiry: NodeJS.Timeout | undefined;
  #onceIdle: (() => void) | undefined;

  constructor(parts: PublishQueueParts) {
    this.#parts = parts;
  }

  /** @throws SseBackplaneError, or SseChannelError for a channel that was closed */
  place(placement: Placement): Promise<PlacedAt> {
    const { timeoutMs, maxPendingBytes } = this.#parts;
    if (this.#stopped) {
      return Promise.reject(new SseBackplaneError('stopped', 'has stopped', false));
    }
    if (this.#pendingBytes + placement.bytes > maxPendingBytes && this.#pendingBytes > 0) {
      const what = `would hold more than maxPendingBytes (${maxPendingBytes}) of what is not sent yet`;
      return Promise.reject(new SseBackplaneError('overflow', what, false));
    }
    const expiresAt = timeoutMs === 0 ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
    const pending = new PendingPublish(placement, expiresAt, this.#onEnd);
    this.#waiting.push(pending);
    this.#pendingBytes += placement.bytes;
    this.#watchExpiry();
    this.#sendSoon();
    return pending.promise;
  }

  /** Sends what waits, for so many milliseconds at most; the rest is refused. */
  async stop(forMs: number): Promise<void> {
    this.#stopped = true;
    if (this.#isDue || this.#underWay.length > 0) {
      const limit = setTimeout(() => this.#giveUp(), forMs);
      await new Promise<void>((resolve) => {
        this.#onceIdle = resolve;
      });
      clearTimeout(limit);
    }
    clearTimeout(this.#expiry);
  }

  readonly #onEnd = ({ placement }: PendingPublish): void => {
    this.#pendingBytes -= placement.bytes;
  };

  get #canSend(): boolean {
    const full = this.#waiting.length >= BATCH_MESSAGES ? BATCHES : 1;
    return this.#waiting.length > 0 && this.#underWay.length < full;
  }

  #sendSoon(): void {
    if (!this.#isDue && this.#canSend) {
      this.#isDue = true;
      setImmediate(() => {
        this.#isDue = false;
        this.#send();
      });
    }
  }

  #send(): void {
    while (this.#canSend) {
      const { link } = this.#parts;
      const batch = new BatchUnderWay(++this.#number, this.#takeBatch(), {
        link,
        newest: this.#newest,
        before: this.#underWay.at(-1)?.done,
        attempt: (content) => this.#attempt(content),
      });
      this.#underWay.push(batch);
      void batch.done.then(() => this.#ended(batch));
    }
    if (this.#underWay.length === 0) {
      this.#onceIdle?.();
    }
  }

  #ended(batch: BatchUnderWay): void {
    this.#underWay = this.#underWay.filter((each) => each !== batch);
    this.#send();
  }

  #attempt(batch: Batch): Promise<unknown> {
    const { link, keys, known } = this.#parts;
    const newest = this.#newest;
    const head = Math.max(known(), newest.newest);
    const first = this.#underWay[0]?.number ?? batch.number;
    const args = batch.args({ control: keys.control, head, first, newest });
    return PUBLISH.run(link, batch.keys(keys, this.#producer), args);
  }

  #takeBatch(): PendingPublish[] {
    let bytes = 0;
    let count = 0;
    for (const { placement } of this.#waiting) {
      const more = placement.bytes;
      if (count === BATCH_MESSAGES || (count > 0 && bytes + more > BATCH_BYTES)) {
        break;
      }
      bytes += more;
      count++;
    }
    const taken = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return taken;
  }

  get #all(): PendingPublish[] {
    return [...this.#underWay.flatMap(({ pending }) => pending), ...this.#waiting];
  }

  /** One timer for the oldest of all. */
  #watchExpiry(): void {
    if (this.#expiry) {
      return;
    }
    const underWay = this.#underWay.find(({ isAwaited }) => isAwaited)?.pending;
    const oldest = underWay?.find(({ isSettled }) => !isSettled) ?? this.#waiting[0];
    if (!oldest || oldest.expiresAt === Number.POSITIVE_INFINITY) {
      return;
    }
    this.#expiry = setTimeout(() => {
      this.#expiry = undefined;
      this.#expire(performance.now());
      this.#watchExpiry();
    }, oldest.expiresAt - performance.now());
  }

  #expire(now: number): void {
    const isOver = ({ expiresAt }: PendingPublish) => expiresAt <= now;
    for (const each of this.#all.filter(isOver)) {
      each.expire();
    }
    this.#waiting = this.#waiting.filter((each) => !isOver(each));
    const unawaited = this.#underWay.filter(({ isAwaited }) => !isAwaited);
    for (const batch of unawaited) {
      batch.abandon();
    }
    if (unawaited.length > 0) {
      this.#parts.link.reconnect();
    }
  }

  #giveUp(): void {
    for (const each of this.#all) {
      each.fail(new SseBackplaneError('stopped', 'has stopped', each.isSent));
    }
    this.#waiting = [];
    for (const batch of this.#underWay) {
      batch.abandon();
    }
  }
}
