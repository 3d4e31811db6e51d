import type { ManagedStream, SseCloseReason, SseStreamKeys } from '../pusher/index.js';
import { agoMs, sinceEpoch } from './stream-report.js';

/** A stream that has ended. */
export interface SseClosedStream {
  /** Number of the stream in this process; the log names it by the same one. */
  readonly id: number;
  readonly route: string;
  readonly keys: SseStreamKeys;
  readonly reason: SseCloseReason;
  /** Milliseconds since 1970. */
  readonly closedAt: number;
  /** Milliseconds for which it was open. */
  readonly ageMs: number;
  /** Bytes of its body that were given to the operating system by then. */
  readonly sentBytes: number;
}

/** So many ends are remembered. */
const REMEMBERED = 100;

/** The last streams that ended. It keeps what there is to tell of them, never the stream, which holds on to its request. */
export class ClosedStreams {
  readonly #ends: SseClosedStream[] = [];
  #next = 0;

  add(stream: ManagedStream, reason: SseCloseReason): void {
    const { info } = stream;
    const now = performance.now();
    const { openedAt = now, sentBytes } = stream.vitals();
    this.#ends[this.#next] = {
      id: info.streamId,
      route: info.route,
      keys: info.keys,
      reason,
      closedAt: sinceEpoch(now),
      ageMs: agoMs(openedAt, now),
      sentBytes,
    };
    this.#next = (this.#next + 1) % REMEMBERED;
  }

  /** The newest first. */
  newest(limit: number): SseClosedStream[] {
    const { length } = this.#ends;
    return Array.from({ length: Math.min(limit, length) }, (_, back) => {
      return this.#ends[(this.#next - 1 - back + length) % length]!;
    });
  }
}
