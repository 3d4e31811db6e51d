import { Injectable } from '@nestjs/common';
import { type ReceivedMessage, SseReceiverService } from 'nestjs-event-stream';
import type { Observable } from 'rxjs';

interface Tick {
  price: number;
}

@Injectable()
export class TicksService {
  constructor(private readonly receiver: SseReceiverService) {}

  /** A loop: leaving it closes the connection. */
  async firstAbove(url: string, price: number): Promise<ReceivedMessage | undefined> {
    for await (const message of this.receiver.subscribe(url)) {
      if (message.json<Tick>().price > price) return message;
    }
    return undefined; // the server said 204: there is no more
  }

  /** A handler: the next message when it has finished. */
  async saveAll(url: string, save: (tick: Tick, signal: AbortSignal) => Promise<void>): Promise<void> {
    const ticks = this.receiver.subscribe(url);
    await ticks.process((message, { signal }) => save(message.json(), signal));
  }

  /** An Observable with a bound: while `draw` is busy, only the newest tick waits. */
  drawNewest(url: string, draw: (tick: Tick) => Promise<void>): Observable<void> {
    const ticks = this.receiver.subscribe(url);
    return ticks.concatMap((message) => draw(message.json()), { overflow: 'drop-oldest', maxBuffered: 1 });
  }
}
