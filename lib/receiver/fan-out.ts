import type { ReceivedMessage } from '../protocol/index.js';
import { REPLACED_ID } from '../protocol/internal.js';
import { MessageLog } from './message-log.js';
import { PullConsumer } from './pull-consumer.js';
import { type PushConsumer, PushConsumers } from './push-consumers.js';

/** How far the slowest consumer may fall behind before the stream is held up, in bytes. */
const HOLD_ABOVE_BYTES = 64 * 1024;
/** How far it must catch up before the stream goes on. */
const GO_ON_BELOW_BYTES = 16 * 1024;

/** What the fan-out tells its owner. */
export interface FanOutEvents {
  /** The first consumer has joined: there is somebody to receive for. */
  onFirstJoined(): void;
  /** The last consumer has left. */
  onLastLeft(): void;
  /** The slowest consumer has caught up after {@link FanOut.settle} told to hold the stream up. */
  onRoom(): void;
  /** {@link FanOut.consumedId} may have moved. */
  onConsumed(): void;
  /** A consumer has left something that nobody else has got, or that it had begun, while others go on. */
  onAbandoned(cursor: string): void;
}

/**
 * Hands every message to every consumer that is there. Those that pull are positions in one log, and the slowest of
 * them sets the pace; those that are pushed to get each message at once.
 */
export class FanOut {
  private log: MessageLog;
  private readonly pushing = new PushConsumers();
  private readonly isOver = () => this.closed;
  private pulling: readonly PullConsumer[] = [];
  private holding = false;
  private ended: { readonly error?: unknown } | undefined;
  private closed = false;
  private isDelivering = true;
  /** The server says that another stream has taken the place of this one: the next request says so, nobody's cursor does. */
  private isReplaced = false;
  /** What a consumer left unfinished while others go on: the cursor must not pass it. */
  private abandoned: { readonly position: number; readonly cursor: string } | undefined;

  constructor(
    lastEventId: string,
    private readonly events: FanOutEvents,
  ) {
    this.log = new MessageLog(lastEventId);
  }

  /** The id up to which every consumer has got (or finished, where it says so) everything. */
  get consumedId(): string {
    const slowest = this.slowestFinished();
    if (this.abandoned && this.abandoned.position < slowest) return this.abandoned.cursor;
    return this.cursorAt(slowest);
  }

  /** What the next request says: the id up to which everything has arrived, or that this stream was replaced. */
  get receivedId(): string {
    return this.isReplaced ? REPLACED_ID : this.log.head.cursor;
  }

  /** Messages that have arrived and that not every consumer has finished. */
  get backlog(): number {
    return this.log.headPosition - this.slowestFinished();
  }

  /** Where the stream begins, when that is not known from the start. */
  beginAt(lastEventId: string): void {
    this.log.head.cursor = lastEventId;
  }

  /** Takes in a message that has arrived. */
  append(message: ReceivedMessage): void {
    const cursor = this.cursorOf(message.lastEventId);
    if (this.pulling.length === 0) this.log.head.cursor = cursor;
    else this.log.append(message, cursor);
    // One of them may close the subscription in the middle of this very message.
    this.pushing.next(message, this.isOver);
    for (const consumer of this.pulling) {
      consumer.wake();
    }
  }

  /**
   * Takes in where the stream stands, between messages: an id may have come without one.
   *
   * @returns whether nothing more should arrive for now; {@link FanOutEvents.onRoom} tells when it may again
   */
  settle(lastEventId: string): boolean {
    const { head } = this.log;
    const cursor = this.cursorOf(lastEventId);
    if (head.cursor !== cursor) {
      head.cursor = cursor;
      this.events.onConsumed();
    }
    if (this.pulling.length > 0) this.holding ||= this.backlogBytes() > HOLD_ABOVE_BYTES;
    return this.holding;
  }

  /** Adds a consumer that is pushed to, from the next message on. Returns how it leaves. */
  joinPushing(consumer: PushConsumer): () => void {
    if (this.closed || this.ended) {
      this.pushRest(consumer);
      this.finishPushing(consumer);
      return () => {};
    }
    const leave = this.pushing.join(consumer);
    this.afterJoining();
    return () => {
      if (leave()) this.afterLeaving();
    };
  }

  /** After the end: what those have left behind who have left. Who leaves in the middle of it leaves the rest, too. */
  private pushRest(consumer: PushConsumer): void {
    if (!this.areAllGone) return;
    const rest = this.joinPulling();
    let result = rest.nextAtHand();
    while (result && !result.done && !consumer.closed) {
      consumer.next(result.value);
      result = rest.nextAtHand();
    }
    rest.leave();
  }

  /** Adds a consumer that pulls, from the next message on. */
  joinPulling(): PullConsumer {
    const consumer = new PullConsumer(this.startOfNext(), {
      messageAfter: (position) => (this.isDelivering ? this.log.at(position + 1)?.message : undefined),
      ending: () => (this.closed ? {} : this.ended),
      onTaken: () => this.goOnIfRoom(),
      onFinished: () => {
        this.log.forgetBefore(this.slowestFinished());
        this.events.onConsumed();
      },
      onLeft: () => this.leavePulling(consumer),
    });
    if (this.closed) return consumer;
    // Those who have left count no more once somebody has taken their place.
    this.pulling = this.areAllGone ? [consumer] : [...this.pulling, consumer];
    if (!this.ended) this.afterJoining();
    return consumer;
  }

  private get areAllGone(): boolean {
    return this.ended !== undefined && this.pulling.every((consumer) => consumer.hasLeft);
  }

  /** From the next message on; after the end, who comes when all have left goes on where they have left off. */
  private startOfNext(): number {
    return this.areAllGone ? this.slowestFinished() : this.log.headPosition;
  }

  /** Nothing more will come: whoever pulls takes what is there, then the end (or the error). */
  end(ending: { readonly error?: unknown }): void {
    this.ended = ending;
    this.finishAll();
  }

  /** Ends everybody at once: what was not taken is never delivered. */
  close(): void {
    this.closed = true;
    this.stopDelivering();
    this.finishAll();
  }

  /** What somebody has not taken yet is never delivered to him. */
  stopDelivering(): void {
    this.isDelivering = false;
  }

  private finishAll(): void {
    this.pushing.dismiss((consumer) => this.finishPushing(consumer));
    for (const consumer of this.pulling) consumer.wake();
  }

  private finishPushing(consumer: PushConsumer): void {
    if (!this.closed && this.ended && 'error' in this.ended) consumer.error(this.ended.error);
    else consumer.complete(this.closed);
  }

  private leavePulling(consumer: PullConsumer): void {
    // After the end the positions stay: they say how far everybody got, and where whoever comes then goes on.
    if (this.closed || this.ended) return;
    const { finished } = consumer;
    const others = this.pulling.filter((other) => other !== consumer);
    const isHole = consumer.taken > finished || !this.isCovered(finished, others);
    if (isHole && !(this.abandoned && this.abandoned.position < finished)) {
      this.abandoned = { position: finished, cursor: this.cursorAt(finished) };
      if (others.length + this.pushing.count > 0) this.events.onAbandoned(this.abandoned.cursor);
    }
    const cursor = this.consumedId;
    this.pulling = others;
    this.afterLeaving(cursor);
  }

  /** Whether what lies behind a position has been given, or will be, to somebody who is still there. */
  private isCovered(position: number, others: readonly PullConsumer[]): boolean {
    if (position === this.log.headPosition || this.pushing.count > 0) return true;
    return others.length === 0 || others.some((other) => other.start <= position);
  }

  /** Where a stream stands after an id. */
  private cursorOf(lastEventId: string): string {
    this.isReplaced = lastEventId === REPLACED_ID;
    return this.isReplaced ? this.log.head.cursor : lastEventId;
  }

  private cursorAt(position: number): string {
    return this.log.at(position)?.cursor ?? this.log.head.cursor;
  }

  private afterJoining(): void {
    if (this.pushing.count + this.pulling.length === 1) this.events.onFirstJoined();
  }

  private afterLeaving(cursor = this.consumedId): void {
    if (this.pushing.count + this.pulling.length === 0) {
      // What nobody took is forgotten: whoever comes next begins with what the server sends after the cursor.
      this.log = new MessageLog(cursor);
      this.isReplaced = false;
      this.abandoned = undefined;
      this.holding = false;
      this.events.onLastLeft();
    } else {
      this.goOnIfRoom();
    }
  }

  private goOnIfRoom(): void {
    if (this.holding && this.backlogBytes() <= GO_ON_BELOW_BYTES) {
      this.holding = false;
      this.events.onRoom();
    }
  }

  private backlogBytes(): number {
    const taken = this.log.at(this.slowestTaken()) ?? this.log.head;
    return this.log.head.totalBytes - taken.totalBytes;
  }

  private slowestTaken(): number {
    return this.pulling.reduce((slowest, { taken }) => Math.min(slowest, taken), this.log.headPosition);
  }

  /** Asked for with each message: alone, as most are, a consumer needs comparing with nobody. */
  private slowestFinished(): number {
    const [first, second] = this.pulling;
    if (first && !second) return first.finished;
    return this.pulling.reduce((slowest, { finished }) => Math.min(slowest, finished), this.log.headPosition);
  }
}
