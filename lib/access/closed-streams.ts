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
  /** Bytes of its body that were given to the operating system; what was waiting at its end may follow. */
  readonly sentBytes: number;
}

/** So many ends are remembered. */
const REMEMBERED = 100;

/** The last streams that ended. It keeps what there is to tell of them, never the stream, which holds on to its request. */
export class ClosedStreams {
  readonly #ends: Mutable<SseClosedStream>[] = [];
  #next = 0;
  /** What is still on its way to their peers. */
  readonly #unfinished = new WeakMap<ManagedStream, Mutable<SseClosedStream>>();

  add(stream: ManagedStream, reason: SseCloseReason): void {
    const { streamId: id, route, keys } = stream.info;
    const now = performance.now();
    const { openedAt = now, sentBytes } = stream.vitals();
    const end = { id, route, keys, reason, closedAt: sinceEpoch(now), ageMs: agoMs(openedAt, now), sentBytes };
    this.#ends[this.#next] = end;
    this.#next = (this.#next + 1) % REMEMBERED;
    this.#unfinished.set(stream, end);
  }

  /** The response is over, so that it is known what of the rest has gone out. */
  finish(stream: ManagedStream): void {
    const end = this.#unfinished.get(stream);
    if (end) {
      end.sentBytes = stream.vitals().sentBytes;
    }
  }

  /** The newest first. */
  newest(limit: number): SseClosedStream[] {
    const { length } = this.#ends;
    return Array.from({ length: Math.min(limit, length) }, (_, back) => {
      return { ...this.#ends[(this.#next - 1 - back + length) % length]! };
    });
  }
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };
