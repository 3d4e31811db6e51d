import { Body, Controller, Param, Put } from '@nestjs/common';
import { type PublishedMessage, SseChannels, SseStream } from 'nestjs-event-stream';

/** Defined once: streams that were given the same function share what it finds out. */
const bySymbol = ({ key }: PublishedMessage) => key;

@Controller('quotes')
export class QuotesController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream()
  follow() {
    return this.channels.subscribe('quotes', { conflateBy: bySymbol });
  }

  @Put(':symbol')
  async quote(@Param('symbol') symbol: string, @Body('price') price: number) {
    await this.channels.publish('quotes', { event: 'quote', data: { symbol, price } }, { key: symbol });
  }

  async halt(symbol: string) {
    await this.channels.publish('quotes', { event: 'halt', data: { symbol } }); // no key: nobody may miss it
  }
}
