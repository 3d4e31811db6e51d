import type { SseCloseReason } from './close-reason.js';
import type { LoopTurn } from './loop-turn.js';
import type { ManagedStream } from './managed-stream.js';
import type { Refusable } from './refusable.js';
import type { RepeatedPart } from './repeated-part.js';
import type { StreamClock } from './stream-clock.js';
import type { StreamTraffic } from './stream-traffic.js';

/** What all streams of a module share. */
export interface StreamServices {
  readonly clock: StreamClock;
  readonly turn: LoopTurn;
  readonly pings: RepeatedPart;
  /** From 0 up to 1, for spreading what many clients would else do at once. */
  readonly random: () => number;
  readonly observer: StreamObserver;
  readonly traffic: StreamTraffic;
  /** Has the client of a stream come back later. @throws SseCapacityException if that is what the module does */
  turnAway(stream: Refusable, why: string): void;
}

/** Told of each step in the life of every stream. */
export interface StreamObserver {
  created(stream: ManagedStream): void;
  opened(stream: ManagedStream): void;
  /** Nothing more can be sent. Only for streams that had opened. */
  closed(stream: ManagedStream, reason: SseCloseReason): void;
  /** The response threw when it was written to; the stream is cut off. */
  writeFailed(stream: ManagedStream, error: unknown): void;
  /** The response is over. */
  gone(stream: ManagedStream): void;
}
