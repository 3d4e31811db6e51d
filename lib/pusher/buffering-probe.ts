import { concat, delay, type Observable, of } from 'rxjs';
import type { SseMessage } from '../protocol/index.js';
import { assertOptions, durationMs, findOptionProblems, PROBE_EVENTS } from '../protocol/internal.js';

/** Options of `bufferingProbe()`. */
export interface BufferingProbeOptions {
  /** Milliseconds between the two events, longer than any client takes for one more request. Default 5000. */
  readonly holdMs?: number | undefined;
}

/**
 * What a route streams to tell whether something between client and server holds streams back: an event at once, and one
 * `holdMs` later, which is the last. Where nothing buffers they come apart, to the eyes of somebody with `curl -N` and to
 * `detectBuffering()` of `nestjs-event-stream/protocol`.
 *
 * The route's `headers`, a prefix and whatever else proxies look at should be those of your real streams.
 *
 * @throws SseOptionsError when `holdMs` is no time that a timer can wait for
 * @example
 * ```ts
 * class Health { @SseStream('health/buffering', { onEnd: 'stop' }) // EventSource does not ask again
 *   buffering() { return bufferingProbe(); }
 * }
 * ```
 */
export function bufferingProbe(options: BufferingProbeOptions = {}): Observable<SseMessage> {
  assertOptions(findOptionProblems(options, { holdMs: durationMs({ min: 1 }) }));
  const { holdMs = 5000 } = options;
  const first = 'sent at once: if it has come together with the next event, something on the way buffers';
  const last = `sent ${holdMs} ms after the other event`;
  return concat(
    of({ event: PROBE_EVENTS.first, data: first }),
    of({ event: PROBE_EVENTS.last, data: last }).pipe(delay(holdMs)),
  );
}
