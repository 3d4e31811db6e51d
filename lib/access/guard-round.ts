import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { EmptyError, isObservable, lastValueFrom, type Observable, Subject, takeUntil } from 'rxjs';

/** What guards make of a stream, unless they could not tell, or nobody waited for all of them to answer. */
export type GuardVerdict = 'allowed' | 'refused' | 'cancelled' | { readonly broken: unknown };

/** Statuses of refusals that speak of the moment, not of the user. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

const NO_ANSWER = Symbol('no answer');

/** One run of the guards of a stream, one after the other, as Nest runs them. */
export class GuardRound {
  readonly #cancelled = new Subject<void>();
  #isCancelled = false;

  constructor(
    /** Milliseconds of `performance.now()`. */
    readonly startedAt: number,
  ) {}

  /** Runs no further guard, and listens to no Observable any more. A promise that is pending can still say no. */
  cancel(): void {
    this.#isCancelled = true;
    this.#cancelled.next();
  }

  /** Never rejects. */
  async run<Guard>(
    guards: readonly Guard[],
    instanceOf: (guard: Guard) => CanActivate | Promise<CanActivate>,
    context: ExecutionContext,
  ): Promise<GuardVerdict> {
    try {
      for (const guard of guards) {
        const instance = await instanceOf(guard);
        if (this.#isCancelled) {
          return 'cancelled';
        }
        const given = instance.canActivate(context);
        const answer = await (isObservable(given) ? this.#lastOf(given) : given);
        if (answer === NO_ANSWER) {
          return this.#isCancelled ? 'cancelled' : { broken: new EmptyError() };
        }
        if (!answer) {
          return 'refused';
        }
      }
      return 'allowed';
    } catch (error) {
      return isRefusal(error) ? 'refused' : { broken: error };
    }
  }

  #lastOf(answers: Observable<boolean>): Promise<boolean | typeof NO_ANSWER> {
    return lastValueFrom(answers.pipe(takeUntil(this.#cancelled)), { defaultValue: NO_ANSWER } as const);
  }
}

/** Not by its class: a guard may throw the exceptions of another copy of Nest. */
function isRefusal(error: unknown): boolean {
  const { getStatus } = (error ?? {}) as { getStatus?: unknown };
  const status: unknown = typeof getStatus === 'function' ? getStatus.call(error) : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 && !PASSING.has(status);
}
