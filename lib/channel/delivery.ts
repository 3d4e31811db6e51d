import type { Subject } from 'rxjs';
import type { BackplaneReceiver, ChannelEnd, PlacedMessage } from './backplane.js';
import type { ChannelBook } from './channel-book.js';
import type { SseChannelEvent } from './channel-events.js';
import type { FanOut } from './fan-out.js';

/** Takes in what the backplane tells: into the logs, and on to those who follow them. */
export class Delivery implements BackplaneReceiver {
  readonly #book: ChannelBook;
  readonly #fanOut: FanOut;
  readonly #events: Subject<SseChannelEvent>;

  constructor(book: ChannelBook, fanOut: FanOut, events: Subject<SseChannelEvent>) {
    this.#book = book;
    this.#fanOut = fanOut;
    this.#events = events;
  }

  deliver(message: PlacedMessage): void {
    const grown = this.#book.append(message);
    if (grown) {
      this.#fanOut.changed(grown.log, grown.bytes);
    }
  }

  closed(channel: string, end: ChannelEnd): void {
    const log = this.#book.end(channel, end);
    if (log) {
      this.#fanOut.changed(log, 0);
    }
    if (this.#events.observed) {
      this.#events.next({ type: 'closed', channel, subscribers: log?.subscribers ?? 0 });
    }
  }

  /** Nobody is told at once: for whoever has nothing new to read, the next ping is soon enough. */
  advanced(seq: number): void {
    this.#book.advance(seq);
  }

  lost(channel: string, through: number): void {
    const log = this.#book.lose(channel, through);
    if (log) {
      this.#fanOut.changed(log, 0);
    }
  }

  ruptured(through: number): void {
    for (const log of this.#book.rupture(through)) {
      this.#fanOut.changed(log, 0);
    }
  }
}
