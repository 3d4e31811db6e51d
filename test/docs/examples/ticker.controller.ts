import { Controller, Param } from '@nestjs/common';
import { LastEventId, SseReceiverService, SseStream, type SseSubscription } from 'nestjs-event-stream';

@Controller('ticker')
export class TickerController {
  readonly #upstream = process.env['TICKER_URL'] ?? 'https://ticker.example';

  constructor(private readonly receiver: SseReceiverService) {}

  @SseStream(':symbol') // one connection to the other server for each client
  follow(@Param('symbol') symbol: string, @LastEventId() lastEventId = ''): SseSubscription {
    return this.receiver.subscribe(`${this.#upstream}/${encodeURIComponent(symbol)}`, { lastEventId });
  }
}
