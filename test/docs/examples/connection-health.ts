import type { SseSubscription } from 'nestjs-event-stream';

/** What a health check or a metric wants to know. Watching does not connect. */
export class ConnectionHealth {
  problem: string | undefined = 'not connected yet';

  constructor(subscription: SseSubscription) {
    subscription.state$.subscribe((state) => {
      if (state.phase === 'open') {
        this.problem = undefined;
      } else if (state.phase === 'waiting') {
        this.problem = `${state.outcome.kind}, connection ${state.outcome.attempt} lost in a row`;
      } else if (state.phase === 'closed') {
        this.problem = state.error?.message ?? `closed: ${state.outcome?.kind}`;
      }
    });
  }
}
