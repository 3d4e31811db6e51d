import type { StreamStanding } from './shared-stream.js';

/** How a stream fares at the moment of asking. */
export interface StreamVitals {
  /** In milliseconds of `performance.now()`; absent for a stream that has not opened. */
  readonly openedAt: number | undefined;
  /** When it was last written to, or opened, in milliseconds of `performance.now()`; absent for one that has not opened. */
  readonly lastWriteAt: number | undefined;
  /** Bytes that wait for the peer. */
  readonly bufferedBytes: number;
  /** Bytes of the body that the operating system has taken, with the framing of chunks where the stream does it. */
  readonly sentBytes: number;
  /** Where the tenant stands, if there is one. */
  readonly standing: StreamStanding | undefined;
}
