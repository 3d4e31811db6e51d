import type { SharedStream, StreamTenant } from '../pusher/internal.js';
import type { ChannelHub } from './channel-hub.js';
import { Cursor } from './cursor.js';
import type { GroupReader } from './log-follower.js';
import type { Membership } from './membership.js';
import { PositionFrames } from './position-frames.js';
import type { Step } from './reader-group.js';
import { afterGap, replayFrom, resumeAt, type SseGapReason, type StartingPoint } from './starting-point.js';
import type { SseSubscribeOptions } from './subscribe-options.js';
import { takeSnapshot } from './take-snapshot.js';

/** Who catches up hands the event loop back after so many writes. */
const STEPS_PER_TURN = 4;

/** One stream that follows channels: writes whatever lies between its cursor and the head, as far as the peer takes it. */
export class ChannelReader implements StreamTenant, GroupReader {
  lastWriteAt = 0;
  readonly #hub: ChannelHub;
  readonly #membership: Membership;
  readonly #options: SseSubscribeOptions;
  readonly #frames: PositionFrames;
  readonly #stream: SharedStream;
  readonly #cursor: Cursor;
  /** Whether its cursor stands where messages can be written from. */
  #running = false;
  #blocked = false;
  #isClosed = false;
  #isSpared = false;
  /** Position in the last id that the peer was sent. */
  #sent = -1;
  /** What is to go out in front of the first message, while that one is waited for. */
  #prelude = '';
  /** Whether nothing was written since a snapshot was. */
  #justTaken = false;
  readonly #end: (error?: unknown) => void;

  constructor(
    hub: ChannelHub,
    membership: Membership,
    options: SseSubscribeOptions,
    stream: SharedStream,
    end: (error?: unknown) => void,
  ) {
    this.#hub = hub;
    this.#membership = membership;
    this.#options = options;
    this.#frames = new PositionFrames({ ...hub.options, ...options });
    this.#stream = stream;
    this.#end = end;
    this.#cursor = new Cursor(membership.group, hub.epoch);
  }

  /**
   * Begins where the client stands, and writes what there is to be written.
   *
   * @param subscribedAt position at which a first connect starts that asks for nothing else
   */
  async start(subscribedAt: number): Promise<void> {
    const { snapshot, replay = 0, lastEventId } = this.#options;
    this.#hub.expire(this.#cursor.group.logs);
    const id = lastEventId ?? this.#stream.resumeFrom;
    if (id !== undefined) {
      const point = resumeAt(id, this.#cursor.group, this.#hub);
      await (point.gap ? this.#tellGap(point, id) : this.#begin(point));
    } else if (snapshot) {
      await this.#sendSnapshot(snapshot, 'first');
    } else {
      const { group } = this.#cursor;
      this.#begin(replay === 0 ? { position: subscribedAt } : replayFrom(replay, group, this.#hub.head));
    }
    this.#goOn();
  }

  /** Nothing more is to be written. */
  close(): void {
    this.#running = false;
    this.#isClosed = true;
    this.#endGrace();
  }

  /** Follows other channels from now on. */
  regroup(): void {
    this.#cursor.follow(this.#membership.group, this.#hub.head);
    this.offer(performance.now(), false);
  }

  /** In one turn, a peer gets all that the turn brings, within the bound of its buffer; whether it is full counts when it ends. */
  offer(now: number, turnEnds: boolean): void {
    if (this.#running && !this.#blocked) {
      this.#pump(now, this.#stream.settings.maxBufferedBytes, Number.POSITIVE_INFINITY);
      this.#blocked = turnEnds && this.#stream.full;
      const leftBehind = this.#running && this.#cursor.position < this.#hub.head;
      this.#cursor.behind = this.#blocked || leftBehind;
      if (leftBehind) {
        this.#isSpared = true;
        this.#hub.spare(this.#cursor, now);
      }
    }
  }

  onWritable(): void {
    this.#blocked = false;
    this.flush();
  }

  /** Catches up, some writes in this turn and others in the next. */
  flush(): void {
    if (this.#running && !this.#pump(performance.now(), 0, STEPS_PER_TURN)) {
      this.#hub.turn.flushAtEnd(this);
    }
  }

  pingFrame(): string {
    const { pingFrame } = this.#stream.settings;
    this.#skipUnwanted();
    const { id, position } = this.#cursor;
    if (!this.#running || id === undefined || position <= this.#sent) {
      return pingFrame;
    }
    this.#sent = position;
    return this.#frames.ping(pingFrame, id);
  }

  #goOn(): void {
    this.#running = !this.#isClosed;
    this.offer(performance.now(), false);
  }

  /** @returns `false` when there is more to write, and the peer could take it */
  #pump(now: number, maxBuffered: number, maxSteps: number): boolean {
    try {
      for (let steps = 0; this.#running; steps++) {
        if (this.#stream.full && this.#stream.bufferedBytes >= maxBuffered) {
          return true;
        }
        if (this.#cursor.isOutrun) {
          this.#recover();
          continue;
        }
        const step = this.#cursor.next(this.#hub.head);
        if (!step) {
          this.#caughtUp(now);
          return true;
        }
        if (steps >= maxSteps) {
          return false;
        }
        this.#take(step, now);
      }
    } catch (error) {
      this.#stop(error);
    }
    return true;
  }

  #take(step: Step, now: number): void {
    const heldIds = this.#cursor.holdsIds;
    if (step.buffer) {
      this.#write(step.buffer, now);
      this.#sent = step.lastId || this.#sent;
      this.#justTaken = false;
    }
    this.#cursor.advance(step);
    if (heldIds && !this.#cursor.holdsIds) {
      this.#sendPosition(now);
    }
  }

  #caughtUp(now: number): void {
    this.#cursor.behind = false;
    this.#endGrace();
    if (this.#cursor.group.isOver) {
      if (this.#cursor.position > this.#sent) {
        this.#sendPosition(now);
      }
      this.#stop();
    }
  }

  /** Takes its place, unless there is nothing to come any more: then whoever asks shall not ask again. */
  #begin(point: StartingPoint): void {
    this.#cursor.moveTo(point);
    if (this.#cursor.group.isOver && !this.#cursor.next(this.#hub.head)?.buffer) {
      this.#stream.answerNoContent();
      this.#stop();
      return;
    }
    this.#prelude = this.#frames.position(this.#cursor.id!);
    this.#sent = this.#cursor.position;
    if (this.#stream.settings.openAfterMs !== 'first-message') {
      this.#write(NOTHING, performance.now());
    }
  }

  /** The log has forgotten what comes next. */
  #recover(): void {
    const { id = null, position, group } = this.#cursor;
    const told = this.#tellGap(afterGap('expired', group, this.#hub.head, position), id);
    if (told) {
      this.#running = false;
      told.then(
        () => this.#goOn(),
        (error) => this.#stop(error),
      );
    }
  }

  /** @returns settles when a snapshot was sent, if there is one to send */
  #tellGap(point: StartingPoint, lastEventId: string | null): Promise<void> | undefined {
    const { snapshot } = this.#options;
    const reason = point.gap as SseGapReason;
    this.#membership.tellGap(reason, lastEventId);
    // A snapshot that is itself older than what is kept would be asked for again and again.
    if (snapshot && !this.#justTaken) {
      this.#write(Buffer.from(this.#frames.gap(undefined, reason, lastEventId)), performance.now());
      return this.#sendSnapshot(snapshot, 'gap');
    }
    this.#cursor.moveTo(point);
    this.#write(Buffer.from(this.#frames.gap(this.#cursor.id, reason, lastEventId)), performance.now());
    this.#sent = this.#cursor.position;
    return undefined;
  }

  async #sendSnapshot(snapshot: NonNullable<SseSubscribeOptions['snapshot']>, reason: 'first' | 'gap'): Promise<void> {
    const { channels, logs } = this.#cursor.group;
    const { epoch, head, serialize } = this.#hub;
    const { frames, start } = await takeSnapshot({ snapshot, reason, channels, logs, epoch, head, serialize });
    this.#cursor.dealtWith = undefined;
    this.#cursor.moveTo(start);
    this.#justTaken = true;
    this.#write(Buffer.from(frames.join('')), performance.now());
    if (!this.#cursor.holdsIds) {
      this.#sendPosition(performance.now());
    }
  }

  #endGrace(): void {
    if (this.#isSpared) {
      this.#isSpared = false;
      this.#hub.endGrace(this.#cursor);
    }
  }

  #sendPosition(now: number): void {
    const { id, position } = this.#cursor;
    if (id !== undefined) {
      this.#write(Buffer.from(this.#frames.position(id)), now);
      this.#sent = position;
    }
  }

  #write(bytes: Buffer, now: number): void {
    if (this.#isClosed) {
      return;
    }
    this.#stream.open();
    const prelude = this.#prelude;
    this.#prelude = '';
    this.lastWriteAt = now;
    const all = prelude ? Buffer.concat([Buffer.from(prelude), bytes]) : bytes;
    if (all.length > 0) {
      this.#stream.writeShared(all, now);
    }
  }

  /** What the subscriber does not want moves its position all the same; a ping is the time to say so. */
  #skipUnwanted(): void {
    try {
      const step = this.#running ? this.#cursor.next(this.#hub.head) : undefined;
      if (step && !step.buffer) {
        this.#take(step, this.lastWriteAt);
      }
    } catch (error) {
      this.#stop(error);
    }
  }

  #stop(error?: unknown): void {
    this.close();
    this.#end(error);
  }
}

const NOTHING = Buffer.alloc(0);
