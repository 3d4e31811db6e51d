import { Controller, Module, Param, Query } from '@nestjs/common';
import { SseChannels, SseModule, SseStream } from 'nestjs-event-stream';

/** Event names, and the data that belongs to each. */
type OrderEvents = { paid: { amount: number }; packed: { by: string }; shipped: { parcel: string } };

@Controller('orders')
export class OrdersController {
  constructor(private readonly channels: SseChannels) {}

  channelOf(order: string) {
    return this.channels.channel<OrderEvents>(`order:${order}`); // holds nothing: make one whenever you need it
  }

  async pay(order: string, amount: number): Promise<string> {
    return this.channelOf(order).publish({ event: 'paid', data: { amount } }); // { event: 'payed' } would not compile
  }

  async ship(order: string, parcel: string): Promise<void> {
    await this.channelOf(order).close({ final: { event: 'shipped', data: { parcel } } }); // nothing comes after it
  }

  @SseStream(':order') // one channel
  follow(@Param('order') order: string) {
    return this.channelOf(order).subscribe();
  }

  @SseStream() // GET /orders?of=1,2: several, in the order in which their messages were published
  followMany(@Query('of') of: string) {
    const names = of.split(',').map((order) => `order:${order}`);
    return this.channels.subscribe(names, { filter: ['paid', 'shipped'], broadcast: false });
  }
}

@Module({ imports: [SseModule.forRoot()], controllers: [OrdersController] })
export class OrdersModule {}
