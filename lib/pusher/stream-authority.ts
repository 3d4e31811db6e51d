import type { ExecutionContext } from '@nestjs/common';
import type { SseCloseReason } from './close-reason.js';
import type { SseReauthorizeOptions } from './reauthorize-options.js';
import type { SseStreamState } from './stream-life.js';
import type { SseStreamInfo } from './stream-options.js';

/** Decides for how long those streams may live that have the option `reauthorize`. */
export interface StreamAuthority {
  /** @throws what the request is answered with instead of a stream */
  warrantFor(claim: StreamClaim): StreamWarrant;
  /** Has those looked at now that are chosen, of all that are under way. */
  check(chosen: (stream: SseStreamInfo) => boolean): void;
}

/** A request that is about to become a stream. */
export interface StreamClaim {
  /** Of the framework. */
  readonly request: unknown;
  readonly reauthorize: SseReauthorizeOptions;
  /** Absent for streams of the factory. */
  readonly executionContext: ExecutionContext | undefined;
}

/** What a request is allowed, as long as that lasts. */
export interface StreamWarrant {
  /**
   * Settles when it is known whether a stream may open; rejects with what the request is answered with otherwise. Absent when
   * it is known already. Whoever cannot wait need not look at it: the stream then ends when it turns out that it may not be.
   */
  readonly decided: Promise<void> | undefined;
  /** Looks after the stream until it closes. */
  begin(stream: WarrantedStream): void;
}

/** A stream as those see it who may end it, or say something on it. */
export interface WarrantedStream {
  readonly info: SseStreamInfo;
  readonly state: SseStreamState;
  send(frame: string): boolean | Promise<boolean>;
  end(reason: SseCloseReason): void;
  /** Has the client come back later. */
  turnAway(why: string): boolean;
  onceClosed(listener: () => void): () => void;
}
