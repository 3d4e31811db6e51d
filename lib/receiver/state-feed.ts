import { type Observable, ReplaySubject } from 'rxjs';
import type { SseConnectionPhase, SseConnectionState } from './connection-state.js';

/** Where a subscription stands, now and from now on; `closed` is the last that is told. */
export class StateFeed {
  current: SseConnectionState = { phase: 'idle' };
  private readonly states = new ReplaySubject<SseConnectionState>(1);
  readonly state$: Observable<SseConnectionState> = this.states.asObservable();

  constructor() {
    this.states.next(this.current);
  }

  get phase(): SseConnectionPhase {
    return this.current.phase;
  }

  enter(state: SseConnectionState): void {
    this.current = state;
    this.states.next(state);
    if (state.phase === 'closed') this.states.complete();
  }
}
