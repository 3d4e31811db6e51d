import type { BodyPart } from './body-part.js';
import type { SseStreamState } from './stream-life.js';
import type { SseStreamInfo } from './stream-options.js';
import type { StreamSettings } from './stream-settings.js';

/** The property by which a source says that it writes into streams by itself. Its value is a {@link SelfWriter}. */
export const SELF_WRITING: unique symbol = Symbol.for('nestjs-event-stream.self-writing');

/**
 * A source that keeps its messages itself, shared by all the streams that it writes to, instead of handing them over one
 * by one: what a peer has not read yet then stays in one place, and costs nothing per stream.
 */
export interface SelfWriter {
  /** Writes until the source ends or the stream closes, and tells of it. */
  writeInto(stream: SharedStream, end: SourceEnd): void;
  /** Lets go of a source that will not be run. */
  release(): void;
}

/** Told once how a source has ended. Not a promise: one that waits is a good part of what an idle stream costs. */
export interface SourceEnd {
  /** The source has ended, or the stream has closed. */
  ended(): void;
  /** With what the source fails with. */
  failed(error: unknown): void;
}

/** A stream as such a source sees it. */
export interface SharedStream {
  /** What hooks are told of it; absent for what is no response. */
  readonly info: SseStreamInfo | undefined;
  readonly settings: Pick<StreamSettings, 'maxBufferedBytes' | 'openAfterMs' | 'serialize' | 'pingFrame'>;
  readonly state: SseStreamState;
  /**
   * What the client has sent as `Last-Event-ID`; `null` when that could not be taken, for it was too long for instance. It
   * concerns the first tenant alone.
   */
  readonly resumeFrom: string | null | undefined;
  /** Whether the peer has enough to read for now; {@link StreamTenant.onWritable} follows. */
  readonly full: boolean;
  /** Bytes that wait for the peer. */
  readonly bufferedBytes: number;
  open(): void;
  /**
   * Writes now, whether the peer is full or not, behind whatever was pushed before. The part may be shared with other
   * streams, so nobody changes it.
   *
   * @param now milliseconds of `performance.now()`; the tenant has to remember it, as its {@link StreamTenant.lastWriteAt}
   */
  writeShared(part: BodyPart, now: number): void;
  /**
   * Has the stream answer 204 if it ends before anything was committed, after which `EventSource` does not ask again (WHATWG
   * HTML 9.2.3).
   */
  answerNoContentAtEnd(): void;
  /**
   * Ends it so that its client comes back later, by itself if it is an `EventSource`, for what it was to get cannot be had now.
   *
   * @param why for a client that is told so in words
   * @returns `false` for what is no response, and so has nobody who would come back
   * @throws SseCapacityException instead, if the module refuses streams with a status and nothing was committed
   */
  turnAway(why: string): boolean;
  /** @returns whether it is the tenant now; `false` when somebody else is */
  letTo(tenant: StreamTenant): boolean;
  /** Ends a tenancy. */
  vacate(tenant: StreamTenant): void;
}

/** Whoever writes into a {@link SharedStream}: there is one at most. */
export interface StreamTenant {
  /** The peer has read what it had. */
  onWritable(): void;
  /** The stream has closed. */
  onClosed(): void;
  /** When this stream was last written to, in milliseconds of `performance.now()`. */
  readonly lastWriteAt: number;
  /** What the ping of this stream is now. */
  pingFrame(): string;
  /** Where it stands in what it writes from. */
  standing(): StreamStanding;
}

/** Where a {@link StreamTenant} stands in the channels that it follows. */
export interface StreamStanding {
  /** Their names. */
  readonly channels: readonly string[];
  /** The id with which its client would go on, once it has all that was written; absent while it had better start anew. */
  readonly position: string | undefined;
  /** Absent while it has no place yet, for it waits for a snapshot for instance. */
  readonly lag: SseStreamLag | undefined;
}

/** How far a stream is behind the newest message of the channels that it follows. */
export interface SseStreamLag {
  /** Messages that are kept for it and not yet written, before a filter or `conflateBy` makes them fewer. */
  readonly messages: number;
  /** Bytes of these messages. */
  readonly bytes: number;
  /** How long the oldest of them has been there, in milliseconds; 0 for a stream that is not behind. */
  readonly forMs: number;
  /** Whether more is lost to it than is kept, which it will be told of by a gap. */
  readonly hasLost: boolean;
}
