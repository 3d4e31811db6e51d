import type { AsyncResource } from 'node:async_hooks';
import type { ExecutionContext } from '@nestjs/common';
import type { StreamClaim, Timed, WarrantedStream } from '../pusher/index.js';
import { RequestContext } from '../pusher/internal.js';
import { GuardRound, type GuardVerdict } from './guard-round.js';
import { quietResponse } from './quiet-response.js';
import type { ReauthorizeServices } from './reauthorize-services.js';

const EVERY_MS = 60_000;

/** By how much of it a run may be earlier, so that many streams that have opened together do not all ask together. */
const SPREAD = 0.2;

/** Milliseconds after which guards that have not answered count as broken. */
const ANSWER_MS = 10_000;

/** When broken guards are asked again, in milliseconds after each failure; after the last one the stream closes. */
const RETRY_MS: readonly number[] = [1000, 2000, 4000];

type ContextId = ReturnType<ReauthorizeServices['guards']['contextOf']>;

/** Asks the guards of one open stream, again and again. */
export class GuardedStream implements Timed {
  readonly #services: ReauthorizeServices;
  readonly #claim: StreamClaim;
  readonly #stream: WarrantedStream;
  readonly #asRequest: AsyncResource;
  #context: ExecutionContext | undefined;
  #contextId: ContextId | undefined;
  #round: GuardRound | undefined;
  #checkAt: number;
  #askAgain = false;
  #failures = 0;

  constructor(services: ReauthorizeServices, claim: StreamClaim, stream: WarrantedStream, asRequest: AsyncResource) {
    this.#services = services;
    this.#claim = claim;
    this.#stream = stream;
    this.#asRequest = asRequest;
    this.#checkAt = this.#nextCheckAt(performance.now());
  }

  /** Has the guards asked at the next opportunity; once more, if they are being asked. */
  checkSoon(): void {
    this.#checkAt = 0;
    this.#askAgain = true;
  }

  tick(now: number): void {
    if (!this.#round) {
      if (now >= this.#checkAt) {
        this.#check(now);
      }
    } else if (now - this.#round.startedAt >= ANSWER_MS) {
      this.#round.cancel();
      this.#round = undefined;
      this.#broken(new Error(`Guards of ${this.#stream.info.route} have not answered for ${ANSWER_MS} ms`), now);
    }
  }

  stop(): void {
    this.#round?.cancel();
    this.#round = undefined;
  }

  #check(now: number): void {
    const round = new GuardRound(now);
    this.#round = round;
    this.#askAgain = false;
    const instanceOf = (guard: Parameters<ReauthorizeServices['guards']['instanceOf']>[0]) => {
      return this.#services.guards.instanceOf(guard, () => this.#requestContextId);
    };
    const guards = this.#claim.reauthorize.guards ?? [];
    void this.#asRequest
      .runInAsyncScope(() => round.run(guards, instanceOf, this.#quietContext))
      .then((verdict) => this.#take(round, verdict));
  }

  /** A no counts whenever it comes; everything else only of those who are still waited for. */
  #take(round: GuardRound, verdict: GuardVerdict): void {
    if (this.#stream.state === 'closed') {
      return;
    }
    if (verdict === 'refused') {
      this.#stream.end('revoked');
    }
    if (this.#round !== round) {
      return;
    }
    this.#round = undefined;
    const now = performance.now();
    if (typeof verdict === 'object') {
      this.#broken(verdict.broken, now);
    } else {
      this.#failures = 0;
      this.#services.outage.worked();
      this.#checkAt = this.#askAgain ? 0 : this.#nextCheckAt(now);
    }
  }

  #broken(error: unknown, now: number): void {
    this.#services.outage.failed(error);
    const retryMs = RETRY_MS[this.#failures++];
    if (retryMs === undefined) {
      this.#stream.turnAway('Whether this stream is still allowed cannot be told now');
    } else {
      this.#checkAt = now + retryMs;
    }
  }

  #nextCheckAt(now: number): number {
    const { everyMs = EVERY_MS } = this.#claim.reauthorize;
    return now + everyMs * (1 - SPREAD * this.#services.random());
  }

  get #quietContext(): ExecutionContext {
    if (!this.#context) {
      const context = this.#claim.executionContext!;
      const response = quietResponse(context.switchToHttp().getResponse());
      this.#context = new RequestContext(context.getClass(), context.getHandler(), this.#claim.request, response);
    }
    return this.#context;
  }

  get #requestContextId(): ContextId {
    this.#contextId ??= this.#services.guards.contextOf(this.#claim.request);
    return this.#contextId;
  }
}
