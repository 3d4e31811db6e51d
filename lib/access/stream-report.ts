import type { ManagedStream, SseStreamKeys, SseStreamLag, SseStreamState } from '../pusher/index.js';

/** A stream as it was when it was asked about. */
export interface SseStreamReport {
  /** Number of the stream in this process. */
  readonly id: number;
  /** `Controller.method` of a decorated route, else the request's method and path. */
  readonly route: string;
  /** What the option `keys` has said of it. */
  readonly keys: SseStreamKeys;
  /** `pending` while its head is held, `closed` when it has ended and its peer has not yet read the rest. */
  readonly state: SseStreamState;
  /** Milliseconds since 1970, by the clock that the process started with; absent while it is pending. */
  readonly openedAt?: number;
  /** Milliseconds since it opened; absent while it is pending. */
  readonly ageMs?: number;
  /** What the client has sent as `Last-Event-ID`, which may be anything. */
  readonly lastEventId?: string;
  /** Channels that it follows now. */
  readonly channels: readonly string[];
  /** The id with which its client would go on, once it has read what was written; only for streams of channels. */
  readonly position?: string;
  /** How far it is behind; only for streams of channels. */
  readonly lag?: SseStreamLag;
  /** Bytes that wait in this process for the peer to read. */
  readonly bufferedBytes: number;
  /** Bytes of the body that were given to the operating system, with what HTTP/1 puts between them where it is known. */
  readonly sentBytes: number;
  /** When it was last written to, or opened, in milliseconds since 1970; absent while it is pending. */
  readonly lastWriteAt?: number;
  /** Milliseconds since then; absent while it is pending. */
  readonly silentMs?: number;
}

/** @param now milliseconds of `performance.now()` */
export function reportOf(stream: ManagedStream, now: number): SseStreamReport {
  const { info, state } = stream;
  const { openedAt, lastWriteAt, bufferedBytes, sentBytes, standing } = stream.vitals();
  return {
    id: info.streamId,
    route: info.route,
    keys: info.keys,
    state,
    ...(openedAt !== undefined && { openedAt: sinceEpoch(openedAt), ageMs: agoMs(openedAt, now) }),
    ...(info.lastEventId !== undefined && { lastEventId: info.lastEventId }),
    channels: standing?.channels ?? [],
    ...(standing?.position !== undefined && { position: standing.position }),
    ...(standing?.lag && { lag: standing.lag }),
    bufferedBytes,
    sentBytes,
    ...(lastWriteAt !== undefined && { lastWriteAt: sinceEpoch(lastWriteAt), silentMs: agoMs(lastWriteAt, now) }),
  };
}

/** By one clock: a time of a stream is the same whenever it is asked for. */
export function sinceEpoch(at: number): number {
  return Math.round(performance.timeOrigin + at);
}

/** Whole milliseconds, never negative. */
export function agoMs(at: number, now: number): number {
  return Math.max(0, Math.round(now - at));
}
