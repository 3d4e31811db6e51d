import { Body, Controller, Get, Param, Put } from '@nestjs/common';
import { SseChannels, SseStream } from 'nestjs-event-stream';

@Controller('prices')
export class PricesController {
  readonly #prices: Record<string, number> = {}; // your database

  constructor(private readonly channels: SseChannels) {}

  @Get()
  all() {
    return this.#prices;
  }

  @SseStream('changes')
  changes() {
    return this.channels.subscribe('prices');
  }

  @Put(':product')
  async set(@Param('product') product: string, @Body('price') price: number) {
    this.#prices[product] = price; // saved first, then published
    await this.channels.publish('prices', { event: 'price', data: { product, price } });
  }
}
