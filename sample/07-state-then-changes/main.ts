/** A cart: its state to who is new, and then its changes: `npm run sample 07`. */
import { Body, Controller, Module, Param, Put } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SseChannels, SseModule, SseStream } from 'nestjs-event-stream';

@Controller('carts/:cart')
class CartsController {
  readonly #carts = new Map<string, Record<string, number>>(); // your database

  constructor(private readonly channels: SseChannels) {}

  @SseStream()
  follow(@Param('cart') cart: string) {
    return this.channels.subscribe(`cart:${cart}`, {
      snapshot: () => ({ event: 'cart', data: this.#carts.get(cart) ?? {} }),
    });
  }

  @Put(':item')
  async set(@Param('cart') cart: string, @Param('item') item: string, @Body('quantity') quantity: number) {
    this.#carts.set(cart, { ...this.#carts.get(cart), [item]: quantity }); // saved first, then published
    await this.channels.publish(`cart:${cart}`, { event: 'item', data: { item, quantity } });
  }
}

@Module({ imports: [SseModule.forRoot()], controllers: [CartsController] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['warn', 'error'] });
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');
const url = `${await app.getUrl()}/carts/7`;
console.log(`curl -N ${url}`);
console.log(`curl -X PUT ${url}/tea -H 'Content-Type: application/json' -d '{"quantity":2}'`);
