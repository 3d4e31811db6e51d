import { Controller, NotFoundException, Param } from '@nestjs/common';
import { LastEventId, type SseMessage, SseStream } from 'nestjs-event-stream';
import { from, type Observable } from 'rxjs';

const prices: Record<string, number[]> = { tea: [3, 4, 5] };

@Controller()
export class PricesController {
  @SseStream('prices/:product', { pingMs: 5_000, onEnd: 'stop' })
  async prices(@Param('product') product: string, @LastEventId() seen?: string): Promise<Observable<SseMessage>> {
    const known = prices[product];
    if (!known) {
      throw new NotFoundException(); // a real 404: the head is held until there is something to stream
    }
    const messages = known.map((price, n) => ({ id: String(n), data: { price } }));
    return from(messages.filter(({ id }) => !(Number(id) <= Number(seen)))); // whatever the client says it has seen
  }
}
