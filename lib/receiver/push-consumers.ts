import type { ReceivedMessage } from '../protocol/index.js';

/** A consumer that takes messages as they come, as Observables do. */
export interface PushConsumer {
  /** Whether it wants nothing more. */
  readonly closed: boolean;
  next(message: ReceivedMessage): void;
  /** @param isClosed nothing may be delivered any more, not even what the consumer has got already */
  complete(isClosed: boolean): void;
  error(error: unknown): void;
}

interface Seat {
  readonly consumer: PushConsumer;
  isEmpty: boolean;
}

/** Those that are pushed to. They come and go at any moment, in the middle of a message that is handed round, too. */
export class PushConsumers {
  private seats: readonly Seat[] = [];

  get count(): number {
    return this.seats.length;
  }

  /** @returns how the consumer leaves, and whether it was there still */
  join(consumer: PushConsumer): () => boolean {
    const seat: Seat = { consumer, isEmpty: false };
    this.seats = [...this.seats, seat];
    return () => {
      if (seat.isEmpty) return false;
      seat.isEmpty = true;
      this.seats = this.seats.filter((other) => other !== seat);
      return true;
    };
  }

  /** Hands a message round, until it `isOver`. */
  next(message: ReceivedMessage, isOver: () => boolean): void {
    for (const { consumer, isEmpty } of this.seats) {
      if (isOver()) return;
      if (!isEmpty) consumer.next(message);
    }
  }

  /** They all leave, each in the same way. */
  dismiss(finish: (consumer: PushConsumer) => void): void {
    const { seats } = this;
    this.seats = [];
    for (const seat of seats) {
      if (seat.isEmpty) continue;
      seat.isEmpty = true;
      finish(seat.consumer);
    }
  }
}
