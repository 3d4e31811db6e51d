import { type Observable, ReplaySubject } from 'rxjs';
import type { SseConnectionPhase, SseConnectionState } from './connection-state.js';
import type { SubscriptionObserver } from './receiver-observer.js';

/** Where a subscription stands, now and from now on; `closed` is the last that is told. */
export class StateFeed {
  private current: SseConnectionState = { phase: 'idle' };
  private observer: SubscriptionObserver | undefined;
  private readonly states = new ReplaySubject<SseConnectionState>(1);
  readonly state$: Observable<SseConnectionState> = this.states.asObservable();

  constructor() {
    this.states.next(this.current);
  }

  get phase(): SseConnectionPhase {
    return this.current.phase;
  }

  /** Tells somebody where it stands, and from now on where it goes. */
  tell(observer: SubscriptionObserver): void {
    this.observer = observer;
    observer.entered(this.current);
  }

  enter(state: SseConnectionState): void {
    this.current = state;
    // First: whoever is told next may have another state entered at once.
    this.observer?.entered(state);
    this.states.next(state);
    if (state.phase === 'closed') this.states.complete();
  }
}
