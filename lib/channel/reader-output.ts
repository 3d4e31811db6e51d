import { BodyPart, type SharedStream } from '../pusher/internal.js';
import type { Cursor } from './cursor.js';
import type { SseGapReason } from './gap-reason.js';
import type { PositionFrames } from './position-frames.js';

/** What a reader says to its stream, and which position it has said last. */
export class ReaderOutput {
  /** When it last wrote, in milliseconds of `performance.now()`. */
  lastWriteAt = 0;
  readonly #stream: SharedStream;
  readonly #cursor: Cursor;
  readonly #frames: PositionFrames;
  /** Position in the last id that the peer was sent. */
  #sent = -1;
  /** What is to go out in front of the first message, while that one is waited for. */
  #prelude = '';
  #isClosed = false;

  constructor(stream: SharedStream, cursor: Cursor, frames: PositionFrames) {
    this.#stream = stream;
    this.#cursor = cursor;
    this.#frames = frames;
  }

  /** Nothing more is to be written. */
  close(): void {
    this.#isClosed = true;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Opens the stream with its position, or keeps that for the first message if the head shall wait for one. */
  begin(): void {
    const { id, position } = this.#cursor;
    if (id !== undefined) {
      this.#prelude = this.#frames.position(id);
      this.#sent = position;
    }
    if (this.#stream.settings.openAfterMs !== 'first-message') {
      this.#write('', performance.now());
    }
  }

  /** @param lastId position in the last id of the frames; 0 when they have none */
  frames(part: BodyPart, lastId: number, now: number): void {
    this.#write(part, now);
    this.#sent = lastId || this.#sent;
  }

  /** The position alone, unless the last id has said it already, or ids are left out for now. */
  position(now: number): void {
    const id = this.#news;
    if (id !== undefined) {
      this.#write(this.#frames.position(id), now);
      this.#sent = this.#cursor.position;
    }
  }

  /** A loss, with the position from which it goes on; without one when a snapshot follows, for who leaves before it must start anew. */
  gap(reason: SseGapReason, lastEventId: string | null, snapshotFollows: boolean): void {
    const id = snapshotFollows ? undefined : this.#cursor.id;
    this.#write(this.#frames.gap(id, reason, lastEventId), performance.now());
    this.#sent = id === undefined ? this.#sent : this.#cursor.position;
  }

  /** The states of the channels, and the position from which their changes follow. */
  snapshot(frames: readonly string[]): void {
    const now = performance.now();
    this.#sent = -1;
    if (frames.length === 0) {
      this.begin();
      return;
    }
    this.#write(frames.join(''), now);
    this.position(now);
  }

  /** The ping, with the position if that has moved. */
  ping(): string {
    const { pingFrame } = this.#stream.settings;
    const id = this.#news;
    if (id === undefined) {
      return pingFrame;
    }
    this.#sent = this.#cursor.position;
    return this.#frames.ping(pingFrame, id);
  }

  /** Where it stands, if the peer is to be told. */
  get #news(): string | undefined {
    return this.#cursor.isNewTo(this.#sent) ? this.#cursor.id : undefined;
  }

  #write(what: BodyPart | string, now: number): void {
    if (this.#isClosed) {
      return;
    }
    this.#stream.open();
    this.lastWriteAt = now;
    let part = what;
    if (this.#prelude) {
      part = this.#prelude + (typeof part === 'string' ? part : part.bytes.toString());
      this.#prelude = '';
    }
    if (part) {
      this.#stream.writeShared(typeof part === 'string' ? new BodyPart(part) : part, now);
    }
  }
}
