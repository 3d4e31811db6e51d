import { Body, Controller, Param, Put } from '@nestjs/common';
import { SseChannels, SseStream } from 'nestjs-event-stream';

@Controller('carts/:cart')
export class CartsController {
  readonly #carts = new Map<string, Record<string, number>>(); // your database

  constructor(private readonly channels: SseChannels) {}

  @SseStream()
  follow(@Param('cart') cart: string) {
    return this.channels.subscribe(`cart:${cart}`, {
      snapshot: async () => ({ event: 'cart', data: this.#carts.get(cart) ?? {} }),
    });
  }

  @Put(':item')
  async set(@Param('cart') cart: string, @Param('item') item: string, @Body('quantity') quantity: number) {
    this.#carts.set(cart, { ...this.#carts.get(cart), [item]: quantity });
    // After it was saved, never before; and the new quantity, not "one more": it may come twice.
    await this.channels.publish(`cart:${cart}`, { event: 'item', data: { item, quantity } });
  }
}
