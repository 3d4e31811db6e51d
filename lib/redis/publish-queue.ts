import { randomBytes } from 'node:crypto';
import { SseBackplaneError, SseChannelError } from '../channel/index.js';
import { Batch, type Placed, type Placement } from './batch.js';
import { isRefusal, persist } from './persist.js';
import type { RedisKeys } from './redis-keys.js';
import type { RedisLink } from './redis-link.js';
import { PUBLISH } from './scripts/publish.js';

/** What one call of the script takes at most. */
const BATCH_MESSAGES = 512;
const BATCH_BYTES = 1024 * 1024;

/** A position, and the lifetime of the log that it belongs to. */
export interface PlacedAt {
  readonly position: number;
  readonly epoch: string;
}

/** Holds its placement as it is: to copy its fields into a larger object costs more than all else here. */
interface Waiting {
  readonly placement: Placement;
  readonly expiresAt: number;
  /** Whether it was sent. */
  sent: boolean;
  settled: boolean;
  resolve(at: PlacedAt): void;
  reject(error: Error): void;
}

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
 * Places messages in the order in which they come. One batch is under way at a time, and what comes meanwhile is the next
 * one: the busier it is, the more goes with one round trip.
 */
export class PublishQueue {
  readonly #parts: PublishQueueParts;
  readonly #producer = randomBytes(9).toString('base64url');
  #waiting: Waiting[] = [];
  #underWay: Waiting[] = [];
  #pendingBytes = 0;
  #number = 0;
  #busy = false;
  #stopped = false;
  #expiry: NodeJS.Timeout | undefined;
  #onceIdle: (() => void) | undefined;

  constructor(parts: PublishQueueParts) {
    this.#parts = parts;
  }

  /** @throws SseBackplaneError, or SseChannelError for a channel that was closed */
  place(placement: Placement): Promise<PlacedAt> {
    if (this.#stopped) {
      return Promise.reject(new SseBackplaneError('stopped', 'has stopped', false));
    }
    if (this.#pendingBytes + placement.bytes > this.#parts.maxPendingBytes && this.#pendingBytes > 0) {
      const what = `would hold more than maxPendingBytes (${this.#parts.maxPendingBytes}) of what is not sent yet`;
      return Promise.reject(new SseBackplaneError('overflow', what, false));
    }
    return new Promise((resolve, reject) => {
      const { timeoutMs } = this.#parts;
      const expiresAt = timeoutMs === 0 ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
      this.#waiting.push({ placement, expiresAt, sent: false, settled: false, resolve, reject });
      this.#pendingBytes += placement.bytes;
      this.#watchExpiry();
      this.#begin();
    });
  }

  /** Sends what waits, for so many milliseconds at most; the rest is refused. */
  async stop(forMs: number): Promise<void> {
    this.#stopped = true;
    if (this.#busy) {
      const limit = setTimeout(() => this.#giveUp(), forMs);
      await new Promise<void>((resolve) => {
        this.#onceIdle = resolve;
      });
      clearTimeout(limit);
    }
    clearTimeout(this.#expiry);
  }

  #begin(): void {
    if (!this.#busy) {
      this.#busy = true;
      setImmediate(() => void this.#work());
    }
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#sendBatch(this.#takeBatch());
    }
    this.#busy = false;
    this.#onceIdle?.();
  }

  #takeBatch(): Waiting[] {
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
    this.#underWay = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return this.#underWay;
  }

  async #sendBatch(waiting: readonly Waiting[]): Promise<void> {
    const { link, keys, known } = this.#parts;
    const batch = new Batch(
      ++this.#number,
      waiting.map(({ placement }) => placement),
    );
    const expired = new AbortController();
    this.#abort = () => expired.abort(new Error('It took too long.'));
    let attempts = 0;
    try {
      const attempt = () => {
        attempts++;
        for (const each of waiting) {
          each.sent = true;
        }
        return PUBLISH.run(link, batch.keys(keys, this.#producer), batch.args(keys.control, known()));
      };
      const { epoch, placed } = batch.read((await persist(link, attempt, expired.signal)) as string);
      for (const [index, outcome] of placed.entries()) {
        this.#settle(waiting[index]!, outcome, epoch);
      }
    } catch (error) {
      for (const each of waiting) {
        // Refused after an attempt without an answer: that one may have worked.
        this.#fail(each, isRefusal(error) ? refusal(error, attempts > 1) : timeout(each.sent, error));
      }
    } finally {
      this.#underWay = [];
    }
  }

  /** Leaves the batch alone that is under way. */
  #abort = (): void => {};

  #settle(waiting: Waiting, outcome: Placed, epoch: string): void {
    if ('position' in outcome) {
      this.#end(waiting, () => waiting.resolve({ position: outcome.position, epoch }));
    } else if ('closed' in outcome) {
      const what = 'was closed, and takes no messages until its tombstone is gone';
      this.#fail(waiting, new SseChannelError('closed', waiting.placement.channel, what));
    } else {
      this.#fail(waiting, refusal(new Error(outcome.refused)));
    }
  }

  #fail(waiting: Waiting, error: Error): void {
    this.#end(waiting, () => waiting.reject(error));
  }

  #end(waiting: Waiting, settle: () => void): void {
    if (!waiting.settled) {
      waiting.settled = true;
      this.#pendingBytes -= waiting.placement.bytes;
      settle();
    }
  }

  /** One timer for the oldest of all. */
  #watchExpiry(): void {
    if (this.#expiry) {
      return;
    }
    const oldest = this.#underWay.find(({ settled }) => !settled) ?? this.#waiting[0];
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
    const isOver = ({ expiresAt }: Waiting) => expiresAt <= now;
    for (const each of [...this.#underWay, ...this.#waiting].filter(isOver)) {
      this.#fail(each, timeout(each.sent));
    }
    this.#waiting = this.#waiting.filter((each) => !isOver(each));
    // Nobody waits for the answer any more: what comes next need not wait for it either.
    if (this.#underWay.length > 0 && this.#underWay.every(({ settled }) => settled)) {
      this.#abort();
      this.#parts.link.reconnect();
    }
  }

  #giveUp(): void {
    for (const each of [...this.#underWay, ...this.#waiting]) {
      this.#fail(each, new SseBackplaneError('stopped', 'has stopped', each.sent));
    }
    this.#waiting = [];
    this.#abort();
  }
}

function refusal(error: unknown, mayHaveBeenPlaced = false): SseBackplaneError {
  const what = `was refused by Redis (${(error as Error).message})`;
  return new SseBackplaneError('refused', what, mayHaveBeenPlaced, { cause: error });
}

function timeout(sent: boolean, cause?: unknown): SseBackplaneError {
  return sent
    ? new SseBackplaneError('timeout', 'had no answer from Redis in time', true, { cause })
    : new SseBackplaneError('unreachable', 'could not reach Redis in time', false, { cause });
}
