import { AsyncResource } from 'node:async_hooks';
import { formatMessage } from '../protocol/index.js';
import {
  SseExpiredException,
  type SseReauthorizeOptions,
  type StreamClaim,
  type StreamWarrant,
  type Timed,
  type WarrantedStream,
} from '../pusher/index.js';
import { isPromise } from '../pusher/internal.js';
import { GuardedStream } from './guarded-stream.js';
import { readExpiry } from './read-expiry.js';
import type { ReauthorizeServices } from './reauthorize-services.js';

/** The clock looks twelve times in this, every second. */
const PERIOD_MS = 12_000;

const WARN_MS = 30_000;

/** Milliseconds for which a stream may outlive its time while it is asked whether there is a later one. */
const ANSWER_MS = 10_000;

/** What one stream is allowed, and for how long. */
export class Reauthorization implements StreamWarrant, Timed {
  readonly decided: Promise<void> | undefined;
  stream: WarrantedStream | undefined;
  readonly #services: ReauthorizeServices;
  readonly #claim: StreamClaim;
  readonly #running: Set<Reauthorization>;
  /** Guards and functions run as if they were called by the request itself, with its AsyncLocalStorage. */
  readonly #asRequest = new AsyncResource('SseReauthorization');
  #guarded: GuardedStream | undefined;
  /** Milliseconds since 1970. */
  #expiresAt: number | undefined;
  #warnedOf: number | undefined;
  /** Since when it is asked for a later end, in milliseconds of `performance.now()`. */
  #askedAt: number | undefined;

  /**
   * @param running it is in there while it looks after a stream
   * @throws SseExpiredException, and what the option `until` throws
   */
  constructor(services: ReauthorizeServices, claim: StreamClaim, running: Set<Reauthorization>) {
    this.#services = services;
    this.#claim = claim;
    this.#running = running;
    const until = this.#askUntil();
    if (isPromise(until)) {
      this.#askedAt = performance.now();
      this.decided = Promise.resolve(until).then((given) => this.#admit(given));
      // Of a stream that cannot wait for it, which then ends.
      this.decided.catch((error) => this.#refuseLate(error));
    } else {
      this.#admit(until);
    }
  }

  begin(stream: WarrantedStream): void {
    if (stream.state === 'closed') {
      return;
    }
    this.stream = stream;
    const { clock } = this.#services;
    if (this.#options.guards) {
      this.#guarded = new GuardedStream(this.#services, this.#claim, stream, this.#asRequest);
    }
    this.#running.add(this);
    clock.watch(this, PERIOD_MS);
    stream.onceClosed(() => {
      this.#running.delete(this);
      clock.unwatch(this, PERIOD_MS);
      this.#guarded?.stop();
    });
  }

  /** Asks again all that can be asked. */
  checkNow(): void {
    this.#guarded?.checkSoon();
    if (this.#expiresAt !== undefined && this.#askedAt === undefined) {
      this.#askAgain(performance.now());
    }
  }

  tick(now: number): void {
    this.#lookAtExpiry(now);
    if (this.stream?.state === 'open') {
      this.#guarded?.tick(now);
    }
  }

  get #options(): SseReauthorizeOptions {
    return this.#claim.reauthorize;
  }

  #lookAtExpiry(now: number): void {
    if (this.#askedAt !== undefined) {
      if (now - this.#askedAt >= ANSWER_MS) {
        this.#failed(new Error(`The option reauthorize.until has not answered for ${ANSWER_MS} ms`));
      }
      return;
    }
    if (this.#expiresAt === undefined) {
      return;
    }
    const leftMs = this.#expiresAt - Date.now();
    if (leftMs <= 0) {
      this.#askAgain(now);
    } else if (leftMs <= (this.#options.warnMs ?? WARN_MS) && this.#warnedOf !== this.#expiresAt) {
      this.#warn(this.#expiresAt, leftMs);
    }
  }

  #warn(until: number, inMs: number): void {
    if (this.stream?.state !== 'open') {
      return;
    }
    this.#warnedOf = until;
    const usual = { event: 'reauthorize', data: { until: new Date(until).toISOString(), inMs } };
    try {
      void this.stream.send(formatMessage(this.#options.warning ?? usual));
    } catch {
      // More waits for the peer than may: it would not read this in time.
    }
  }

  #askAgain(now: number): void {
    this.#askedAt = now;
    try {
      const until = this.#askUntil();
      if (isPromise(until)) {
        until.then(
          (given) => this.#renew(given),
          (error) => this.#failed(error),
        );
      } else {
        this.#renew(until);
      }
    } catch (error) {
      this.#failed(error);
    }
  }

  #renew(given: unknown): void {
    try {
      const until = readExpiry(given);
      if (until === undefined || until <= Date.now()) {
        this.#end();
      }
      this.#expiresAt = until;
      this.#askedAt = undefined;
      this.#services.outage.worked();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** What is known counts: where the time is over, there is no later end that anybody knows of. */
  #failed(error: unknown): void {
    this.#askedAt = undefined;
    if (this.stream?.state !== 'closed') {
      this.#services.outage.failed(error);
      if (this.#expiresAt === undefined || this.#expiresAt <= Date.now()) {
        this.#end();
      }
    }
  }

  #end(): void {
    this.stream?.end('revoked');
  }

  #askUntil(): unknown {
    const { request, executionContext } = this.#claim;
    return this.#asRequest.runInAsyncScope(() => this.#options.until?.(request, executionContext));
  }

  #admit(given: unknown): void {
    const until = readExpiry(given);
    if (until !== undefined && until <= Date.now()) {
      throw new SseExpiredException();
    }
    this.#expiresAt = until;
    this.#askedAt = undefined;
    this.#services.outage.worked();
  }

  #refuseLate(error: unknown): void {
    if (error instanceof SseExpiredException) {
      this.#end();
    } else if (this.stream) {
      this.#failed(error);
    }
  }
}
