import type { SseConnectionOutcome, SseSubscription } from '../receiver/index.js';
import type { SourceLog } from './source-log.js';

/**
 * Logs the connection's ups and downs, an outage once however often it is tried to end it.
 *
 * @returns the outcome with which the subscription ended, once it has
 */
export function watchConnection({ state$ }: SseSubscription, log: SourceLog): () => SseConnectionOutcome | undefined {
  let isOut = false;
  let last: SseConnectionOutcome | undefined;
  state$.subscribe((state) => {
    if (state.phase === 'open') {
      if (isOut) log.connectedAgain();
      else log.connected();
      isOut = false;
    } else if (state.phase === 'waiting' && !isOut) {
      const { outcome } = state;
      if (outcome.kind === 'end') log.endedByServer(outcome);
      else if (outcome.kind === 'lifetime') log.lastedLong(outcome);
      else {
        isOut = true;
        log.lost(outcome);
      }
    } else if (state.phase === 'closed') {
      last = state.outcome;
    }
  });
  return () => last;
}
