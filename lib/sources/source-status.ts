import type { SseConnectionPhase, SseConnectionState, SseOutcomeKind, SseSubscription } from '../receiver/index.js';

/**
 * Where a source stands: the phase of its connection, or
 *
 * - `disabled`: it is switched off
 * - `standby`: another instance has its `lease`, or nobody knows who has
 * - `failed`: it has stopped, and nothing but {@link SseSources.restart} begins it anew
 *
 * `idle` is one that nobody has asked for its events; `closed` one that was told to end, by `close()` or by its server.
 */
export type SseSourceState = SseConnectionPhase | 'disabled' | 'standby' | 'failed';

/** How a source does. Nothing in it is secret: it may be shown where a URL or an error may not. */
export interface SseSourceStatus {
  readonly state: SseSourceState;
  /** Why it waits, was closed or has failed; `handler` when a method with `onFailure: 'stop'` has stopped it. */
  readonly reason?: SseOutcomeKind | 'handler';
  /** The status of the response, if that was the reason. */
  readonly httpStatus?: number;
  /** Milliseconds since an event came, for the methods with `@OnSseEvent()`; absent before the first. */
  readonly lastEventAgeMs?: number;
}

/** What a status is made of beside the connection. */
interface Runner {
  /** By `performance.now()`. */
  readonly lastEventAt: number | undefined;
  readonly failure: unknown;
  readonly isStoppedByHandler: boolean;
}

/** @param runner what handles the messages, if anything does */
export function statusOf(subscription: SseSubscription, runner: Runner | undefined): SseSourceStatus {
  const connection = stateOf(subscription);
  const age = runner?.lastEventAt === undefined ? {} : { lastEventAgeMs: ageMs(runner.lastEventAt) };
  if (runner?.isStoppedByHandler) {
    return { state: 'failed', reason: 'handler', ...age };
  }
  const hasFailed = runner?.failure !== undefined || ('error' in connection && connection.error !== undefined);
  return { state: hasFailed ? 'failed' : connection.phase, ...reasonOf(connection), ...age };
}

function ageMs(at: number): number {
  return Math.round(performance.now() - at);
}

function reasonOf(connection: SseConnectionState): Pick<SseSourceStatus, 'reason' | 'httpStatus'> {
  const outcome = 'outcome' in connection ? connection.outcome : undefined;
  if (!outcome) {
    return {};
  }
  const { kind, status } = outcome;
  return { reason: kind, ...(kind === 'http' && status !== undefined && { httpStatus: status }) };
}

/** It is replayed to whoever subscribes, at once. */
function stateOf({ state$ }: SseSubscription): SseConnectionState {
  let current: SseConnectionState = { phase: 'idle' };
  state$
    .subscribe((state) => {
      current = state;
    })
    .unsubscribe();
  return current;
}
