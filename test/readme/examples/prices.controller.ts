import { Controller, NotFoundException, Param } from '@nestjs/common';
import { LastEventId, type SseMessage, SseStream } from 'nestjs-event-stream';
import { from, map, type Observable } from 'rxjs';

const prices: Record<string, number[]> = { tea: [3, 4, 5] };

@Controller()
export class PricesController {
  @SseStream('prices/:product', { pingMs: 5_000, onEnd: 'stop' })
  async prices(@Param('product') product: string, @LastEventId() seen?: string): Promise<Observable<SseMessage>> {
    const known = prices[product];
    if (!known) {
      throw new NotFoundException(); // a real 404: the head is held until there is something to stream
    }
    const first = seen === undefined ? 0 : Number(seen) + 1;
    return from(known.slice(first)).pipe(map((price, n) => ({ id: String(first + n), data: { price } })));
  }
}
