import type { SharedStream, StreamStanding, StreamTenant } from '../pusher/internal.js';
import type { ChannelHub } from './channel-hub.js';
import type { ChannelLog } from './channel-log.js';
import { Cursor } from './cursor.js';
import type { SseGapReason } from './gap-reason.js';
import type { GroupReader } from './log-follower.js';
import type { Membership } from './membership.js';
import type { Step } from './reader-group.js';
import { ReaderOutput } from './reader-output.js';
import { standingOf } from './standing-of.js';
import { afterGap, replayFrom, resumeAt, type StartingPoint } from './starting-point.js';
import type { SseSubscribeOptions } from './subscribe-options.js';
import type { Subscribers } from './subscribers.js';
import { takeSnapshot } from './take-snapshot.js';

/** Who catches up hands the event loop back after so many writes. */
const STEPS_PER_TURN = 4;

/** Whoever a reader reads for. */
export interface ReaderOwner {
  /** Nothing more is to be read. */
  end(error?: unknown): void;
}

/** One stream that follows channels: writes whatever lies between its cursor and the head, as far as the peer takes it. */
export class ChannelReader implements StreamTenant, GroupReader {
  readonly #hub: ChannelHub;
  readonly #membership: Membership;
  readonly #options: SseSubscribeOptions;
  readonly #stream: SharedStream;
  readonly #cursor: Cursor;
  readonly #output: ReaderOutput;
  readonly #owner: ReaderOwner;
  /** Whether its cursor stands where messages can be written from. */
  #running = false;
  /** Whether it is writing: what it writes may make the stream say that more can be written. */
  #isPumping = false;
  #isSpared = false;
  /** Whether its snapshot was older than what is kept, and nothing was written since. */
  #isStale = false;

  constructor(
    subscribers: Subscribers,
    membership: Membership,
    options: SseSubscribeOptions,
    stream: SharedStream,
    owner: ReaderOwner,
  ) {
    const { hub } = subscribers;
    this.#hub = hub;
    this.#membership = membership;
    this.#options = options;
    this.#stream = stream;
    this.#cursor = new Cursor(membership.group, hub);
    this.#output = new ReaderOutput(stream, this.#cursor, subscribers.framesFor(options));
    this.#owner = owner;
  }

  get lastWriteAt(): number {
    return this.#output.lastWriteAt;
  }

  /** Messages that it has not been given yet; those that it does not want are counted too. */
  get lag(): number {
    const { position, group, dealtWith } = this.#cursor;
    const waiting = (log: ChannelLog) => log.sizeAfter(Math.max(position, dealtWith?.logs.get(log) ?? 0)).count;
    return this.#running ? group.logs.reduce((sum, log) => sum + waiting(log), 0) : 0;
  }

  /**
   * Begins where the client stands, and writes what there is to be written.
   *
   * @param subscribedAt position at which a first connect starts that asks for nothing else
   */
  async start(subscribedAt: number): Promise<void> {
    const { snapshot, replay = 0, lastEventId = this.#stream.resumeFrom } = this.#options;
    const { group } = this.#cursor;
    this.#hub.expire(group.logs);
    if (lastEventId !== undefined) {
      const point = resumeAt(lastEventId, group, this.#hub);
      await (point.gap ? this.#tellGap(point, lastEventId) : this.#begin(point));
    } else if (snapshot) {
      await this.#sendSnapshot(snapshot, 'first');
    } else {
      this.#begin(replay === 0 ? { position: subscribedAt } : replayFrom(replay, group, subscribedAt));
    }
    this.#goOn();
  }

  /** Nothing more is to be written. */
  close(): void {
    this.#running = false;
    this.#output.close();
    this.#endGrace();
  }

  /** Follows other channels from now on. */
  regroup(): void {
    this.#cursor.follow(this.#membership.group, this.#hub.head);
    this.offer(performance.now(), false);
  }

  /** Whoever has kept up gets all that a turn brings, within the bound of its buffer, which counts as full when the turn ends. */
  offer(now: number, turnEnds: boolean): void {
    if (!this.#running || this.#isPumping || this.#cursor.behind) {
      return;
    }
    this.#pump(now, this.#stream.settings.maxBufferedBytes, Number.POSITIVE_INFINITY);
    const isLeftBehind = this.#running && this.#cursor.position < this.#hub.head;
    this.#cursor.behind = isLeftBehind || (turnEnds && this.#stream.full);
    if (isLeftBehind) {
      this.#isSpared = true;
      this.#hub.spare(this.#cursor, now);
    }
  }

  onWritable(): void {
    this.flush();
  }

  onClosed(): void {
    this.#owner.end();
  }

  /** Catches up, some writes in this turn and others in the next, or when the peer has read. */
  flush(): void {
    if (this.#running && !this.#pump(performance.now(), 0, STEPS_PER_TURN)) {
      this.#hub.turn.flushAtEnd(this);
    }
  }

  pingFrame(): string {
    this.#skipUnwanted();
    return this.#running ? this.#output.ping() : this.#stream.settings.pingFrame;
  }

  standing(): StreamStanding {
    return standingOf(this.#cursor, this.#running, performance.now());
  }

  #goOn(): void {
    this.#running = !this.#output.isClosed;
    this.flush();
  }

  /** @returns `false` when there is more to write, and the peer could take it */
  #pump(now: number, maxBuffered: number, maxSteps: number): boolean {
    if (this.#isPumping) {
      return true;
    }
    this.#isPumping = true;
    try {
      for (let steps = 0; this.#running; steps++) {
        if (this.#stream.full && this.#stream.bufferedBytes >= maxBuffered) {
          return true;
        }
        const { loss } = this.#cursor;
        if (loss) {
          this.#recover(loss);
          continue;
        }
        const { head } = this.#hub;
        const step = this.#cursor.next(head);
        if (!step) {
          return this.#caughtUp(now);
        }
        if (steps >= maxSteps) {
          return false;
        }
        this.#take(step, now);
        if (step.through === head) {
          return this.#caughtUp(now);
        }
      }
    } catch (error) {
      this.#stop(error);
    } finally {
      this.#isPumping = false;
    }
    return true;
  }

  #take(step: Step, now: number): void {
    const heldIds = this.#cursor.holdsIds;
    if (step.part) {
      this.#output.frames(step.part, step.lastId, now);
      this.#hub.delivered += step.messages;
      this.#isStale = false;
    }
    this.#cursor.advance(step);
    if (heldIds && !this.#cursor.holdsIds) {
      this.#output.position(now);
    }
  }

  #caughtUp(now: number): true {
    this.#cursor.behind = false;
    this.#endGrace();
    if (this.#running && this.#cursor.group.isOver) {
      this.#output.position(now);
      this.#stop();
    }
    return true;
  }

  /** Takes its place, unless there is nothing to come any more: then whoever asks shall not ask again. */
  #begin(point: StartingPoint): void {
    this.#cursor.moveTo(point);
    if (this.#cursor.group.isOver && !this.#cursor.next(this.#hub.head)?.part) {
      this.#stream.answerNoContentAtEnd();
      this.#stop();
      return;
    }
    this.#output.begin();
  }

  /** The log has forgotten what comes next. */
  #recover(reason: SseGapReason): void {
    const { id = null, position, group } = this.#cursor;
    const told = this.#tellGap(afterGap(reason, group, this.#hub.head, position), id);
    if (told) {
      this.#running = false;
      told.then(() => this.#goOn()).catch((error) => this.#stop(error));
    }
  }

  /** @returns settles when a snapshot was sent, if there is one to send */
  #tellGap(point: StartingPoint, lastEventId: string | null): Promise<void> | undefined {
    const reason = point.gap as SseGapReason;
    // A snapshot that is itself older than what is kept would be asked for again and again.
    const snapshot = this.#isStale ? undefined : this.#options.snapshot;
    this.#membership.tellGap(reason, lastEventId);
    if (snapshot) {
      this.#output.gap(reason, lastEventId, true);
      return this.#sendSnapshot(snapshot, 'gap');
    }
    this.#cursor.moveTo(point);
    this.#output.gap(reason, lastEventId, false);
    return undefined;
  }

  async #sendSnapshot(snapshot: NonNullable<SseSubscribeOptions['snapshot']>, reason: 'first' | 'gap'): Promise<void> {
    const { group } = this.#cursor;
    const { frames, start } = await takeSnapshot(snapshot, reason, group, this.#hub);
    this.#cursor.restart(start, group.logs);
    this.#isStale = this.#cursor.loss === 'expired';
    this.#output.snapshot(frames);
  }

  /** What the subscriber does not want moves its position all the same; a ping is the time to say so. */
  #skipUnwanted(): void {
    try {
      const step = this.#running && !this.#cursor.loss ? this.#cursor.next(this.#hub.head) : undefined;
      if (step && !step.part) {
        this.#take(step, this.lastWriteAt);
      }
    } catch (error) {
      this.#stop(error);
    }
  }

  #endGrace(): void {
    if (this.#isSpared) {
      this.#isSpared = false;
      this.#hub.endGrace(this.#cursor);
    }
  }

  #stop(error?: unknown): void {
    this.close();
    this.#owner.end(error);
  }
}
