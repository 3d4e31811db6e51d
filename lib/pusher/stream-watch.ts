import type { SseCloseReason } from './close-reason.js';
import type { ResponseSink } from './response-sink.js';
import type { StreamTiming } from './stream-timing.js';

/** What is done to a stream when something is due. */
export interface Watched {
  /** When somebody else has written to it, in milliseconds of `performance.now()`; 0 when nobody has. */
  readonly sharedWriteAt: number;
  ping(): void;
  end(reason: SseCloseReason): void;
  destroy(reason: SseCloseReason): void;
}

/** Looks after the times of one open stream: its pings, its age, and whether its peer still reads. */
export function lookAfter(stream: Watched, sink: ResponseSink, timing: StreamTiming, now: number): void {
  timing.wrote(stream.sharedWriteAt);
  const due = timing.due(now, sink.stalledMs(now), sink.pendingBytes);
  if (due === 'stalled') {
    stream.destroy('stalled');
  } else if (due === 'max-age') {
    stream.end('max-age');
  } else if (due === 'ping' && !sink.full) {
    stream.ping();
  }
}
