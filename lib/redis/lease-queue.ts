import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { SseLease, SseLeaseWait } from '../sources/index.js';
import { pause } from '../sources/internal.js';
import { countsUntil, KeptLease } from './kept-lease.js';
import { orAborted } from './persist.js';
import type { RedisKeys } from './redis-keys.js';
import type { RedisScript } from './redis-script.js';
import { runInTime } from './run-in-time.js';
import { ACQUIRE_LEASE, RELEASE_LEASE, RENEW_LEASE } from './scripts/lease.js';
import type { SharedLink } from './shared-link.js';
import { toRedis } from './text-in-redis.js';

/** Where leases are, and how long they last. */
export interface LeasePlace {
  readonly link: Pick<SharedLink, 'join' | 'get'>;
  readonly keys: RedisKeys;
  readonly ttlMs: number;
  readonly random: () => number;
}

/** A shutdown waits for it; a lease that is not released expires. */
const RELEASE_TIMEOUT_MS = 1_000;

/** One who waits for a source, and then holds it. */
export class LeaseQueue {
  readonly #place: LeasePlace;
  readonly #source: string;
  readonly #wait: SseLeaseWait;
  readonly #key: string;
  /** The beginning is for people, the end makes it ours alone. */
  readonly #token = `${hostname()}:${process.pid}:${randomUUID()}`;
  #holder = '';
  #leave = () => {};

  constructor(place: LeasePlace, source: string, wait: SseLeaseWait) {
    this.#place = place;
    this.#source = source;
    this.#wait = wait;
    this.#key = place.keys.lease(toRedis(source));
  }

  async acquire(): Promise<SseLease> {
    const { signal } = this.#wait;
    signal.throwIfAborted();
    this.#leave = this.#place.link.join();
    for (;;) {
      const lease = signal.aborted ? undefined : await this.#tryOnce();
      if (signal.aborted) {
        // What was asked for last may have been given.
        await (lease ?? this).release();
        throw signal.reason;
      }
      if (lease) return lease;
      await pause(this.#untilNextTry(), signal);
    }
  }

  async release(): Promise<void> {
    await this.#run(RELEASE_LEASE, [], RELEASE_TIMEOUT_MS).catch(() => {});
    this.#leave();
  }

  async #tryOnce(): Promise<SseLease | undefined> {
    const { ttlMs } = this.#place;
    const { signal } = this.#wait;
    const askedAt = performance.now();
    try {
      const holder = await orAborted(this.#run(ACQUIRE_LEASE, [String(ttlMs)], ttlMs, signal), signal);
      if (holder !== '') this.#standBy(String(holder));
      else if (performance.now() < countsUntil(askedAt, ttlMs)) return this.#keep(askedAt);
    } catch (error) {
      if (!signal.aborted) this.#wait.onTrouble(error as Error);
      // So that who was told of trouble is told of its end.
      this.#holder = '';
    }
    return undefined;
  }

  #standBy(holder: string): void {
    if (holder === this.#holder) return;
    this.#holder = holder;
    this.#wait.onStandby(holder.slice(0, holder.lastIndexOf(':')));
  }

  #keep(askedAt: number): SseLease {
    const { ttlMs } = this.#place;
    const keeping = {
      source: this.#source,
      ttlMs,
      renew: async (signal: AbortSignal) => (await this.#run(RENEW_LEASE, [String(ttlMs)], ttlMs / 2, signal)) === 1,
      release: () => this.release(),
    };
    return new KeptLease(keeping, askedAt);
  }

  /** Scattered, so that those who wait do not all come at once. */
  #untilNextTry(): number {
    const { ttlMs, random } = this.#place;
    return (ttlMs / 4) * (0.75 + random() / 4);
  }

  async #run(script: RedisScript, args: readonly string[], timeoutMs: number, signal?: AbortSignal): Promise<unknown> {
    const call = { script, keys: [this.#key], args: [this.#token, ...args] };
    return runInTime(await this.#place.link.get(), call, timeoutMs, signal);
  }
}
