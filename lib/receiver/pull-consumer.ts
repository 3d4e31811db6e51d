import type { ReceivedMessage } from '../protocol/index.js';

/** What a consumer that pulls asks of, and tells, the fan-out that it belongs to. */
export interface PullConsumerLinks {
  /** The message behind a position, once it is there. */
  messageAfter(position: number): ReceivedMessage | undefined;
  /** How the stream ended, once it has: with what to throw, or with nothing. */
  ending(): { readonly error?: unknown } | undefined;
  onTaken(): void;
  onFinished(): void;
  onLeft(): void;
}

type Result = IteratorResult<ReceivedMessage, undefined>;

interface Waiter {
  resolve(result: Result): void;
  reject(error: unknown): void;
}

const END: Result = { done: true, value: undefined };

/** A position in the log that somebody moves by asking for the next message. */
export class PullConsumer {
  private readonly waiters: Waiter[] = [];
  private left = false;
  private told = false;
  private takenPosition: number;
  private finishedPosition: number;

  /** @param start the position after which it begins */
  constructor(
    readonly start: number,
    private readonly links: PullConsumerLinks,
  ) {
    this.takenPosition = start;
    this.finishedPosition = start;
  }

  get hasLeft(): boolean {
    return this.left;
  }

  /** The position of the message that was handed out last. */
  get taken(): number {
    return this.takenPosition;
  }

  /** The position of the last message that the consumer is done with. */
  get finished(): number {
    return this.finishedPosition;
  }

  /** The next message, or the end: whoever asks has finished the last one. Rejects, once, with what the stream failed of. */
  next(): Promise<Result> {
    const atHand = this.nextAtHand();
    if (atHand) return Promise.resolve(atHand);
    return new Promise((resolve, reject) => {
      this.waiters.push({ resolve, reject });
      this.wake();
    });
  }

  /** As {@link next}, but only if the message is there already. */
  nextAtHand(): Result | undefined {
    this.finish();
    const message = this.waiters.length === 0 ? this.upcoming() : undefined;
    return message && this.take(message);
  }

  /** Whoever took the last message has dealt with it. */
  finish(): void {
    if (this.left || this.finishedPosition === this.takenPosition) return;
    this.finishedPosition = this.takenPosition;
    this.links.onFinished();
  }

  /** Gives those who wait what there is to have. */
  wake(): void {
    for (let waiter = this.waiters[0]; waiter; waiter = this.waiters[0]) {
      const message = this.upcoming();
      if (message) waiter.resolve(this.take(message));
      else if (!this.tellEnd(waiter)) return;
      this.waiters.shift();
    }
  }

  /** Takes no further part; whoever waits gets the end. */
  leave(): void {
    if (this.left) return;
    this.left = true;
    this.wake();
    this.links.onLeft();
  }

  private upcoming(): ReceivedMessage | undefined {
    return this.left ? undefined : this.links.messageAfter(this.takenPosition);
  }

  private take(message: ReceivedMessage): Result {
    this.takenPosition += 1;
    this.links.onTaken();
    return { done: false, value: message };
  }

  private tellEnd(waiter: Waiter): boolean {
    const ending = this.left ? {} : this.links.ending();
    if (!ending) return false;
    if ('error' in ending && !this.told) {
      this.told = true;
      waiter.reject(ending.error);
    } else {
      waiter.resolve(END);
    }
    return true;
  }
}
