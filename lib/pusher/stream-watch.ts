import type { SseCloseReason } from './close-reason.js';
import type { ResponseSink } from './response-sink.js';
import type { StreamServices } from './stream-services.js';
import type { StreamSettings } from './stream-settings.js';
import { StreamTiming } from './stream-timing.js';

/** What is done to a stream when something is due. */
export interface Watched {
  /** When somebody else has written to it, in milliseconds of `performance.now()`; 0 when nobody has. */
  readonly sharedWriteAt: number;
  ping(): void;
  end(reason: SseCloseReason): void;
  destroy(reason: SseCloseReason): void;
  /** Asked by the clock. */
  tick(now: number): void;
}

/** Looks after the times of one open stream: its pings, its age, and whether its peer still reads. */
export class StreamWatch {
  readonly #stream: Watched;
  readonly #sink: ResponseSink;
  readonly #timing: StreamTiming;
  /** Looks no more. */
  readonly stop: () => void;

  constructor(stream: Watched, sink: ResponseSink, settings: StreamSettings, { clock, random }: StreamServices) {
    this.#stream = stream;
    this.#sink = sink;
    this.#timing = new StreamTiming(settings, performance.now(), random());
    const { periodMs } = this.#timing;
    this.stop = periodMs === undefined ? () => {} : clock.watch(stream, periodMs);
  }

  wrote(now: number): void {
    this.#timing.wrote(now);
  }

  tick(now: number): void {
    this.#timing.wrote(this.#stream.sharedWriteAt);
    const due = this.#timing.due(now, this.#sink.stalledMs(now), this.#sink.pendingBytes);
    if (due === 'stalled') {
      this.#stream.destroy('stalled');
    } else if (due === 'max-age') {
      this.#stream.end('max-age');
    } else if (due === 'ping' && !this.#sink.full) {
      this.#stream.ping();
    }
  }
}
