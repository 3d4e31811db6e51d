import { describe, expect, it } from '@jest/globals';
import { Controller, Injectable, Param, Query } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { lastValueFrom, of, toArray } from 'rxjs';
import { LastEventId, Pusher, SseModule, type SsePusher, SseStream } from '../../lib/index.js';

@Injectable()
class Orders {
  readonly names = ['tea', 'milk'];
}

@Controller('orders')
class OrdersController {
  constructor(private readonly orders: Orders) {}

  @SseStream()
  all(@Query('from') from = 0): string[] {
    return this.orders.names.slice(from);
  }

  @SseStream('observable')
  observable() {
    return of(...this.orders.names);
  }

  @SseStream('generator')
  async *generator(@Param('id') id: string, @LastEventId() lastEventId?: string) {
    yield { id, data: lastEventId };
  }

  @SseStream('promise')
  async promise(@Param('id') id: string): Promise<string[]> {
    if (id === 'unknown') {
      throw new Error('No such order');
    }
    return [id];
  }

  @SseStream('failing')
  failing(): string[] {
    throw new Error('at once');
  }

  @SseStream('pusher')
  async pusher(@Param('id') id: string, @Pusher() pusher: SsePusher<{ order: string }>): Promise<void> {
    await pusher.push({ event: 'order', data: id });
  }
}

describe.each([
  ['made by new', async () => new OrdersController(new Orders())],
  [
    'of a testing module',
    async () => {
      const testing = await Test.createTestingModule({
        imports: [SseModule.forRoot()],
        controllers: [OrdersController],
        providers: [Orders],
      }).compile();
      return testing.get(OrdersController);
    },
  ],
])('a controller %s, called directly', (_how, make) => {
  it('returns at once what the method returns', async () => {
    const controller = await make();

    expect(controller.all()).toEqual(['tea', 'milk']);
    expect(controller.all(1)).toEqual(['milk']);
  });

  it('throws at once what the method throws', async () => {
    const controller = await make();

    expect(() => controller.failing()).toThrow('at once');
  });

  it('returns the promise of the method', async () => {
    const controller = await make();

    await expect(controller.promise('7')).resolves.toEqual(['7']);
    await expect(controller.promise('unknown')).rejects.toThrow('No such order');
  });

  it('returns Observables and generators as they are', async () => {
    const controller = await make();
    const messages = [];
    for await (const message of controller.generator('1', '0')) {
      messages.push(message);
    }

    expect(messages).toEqual([{ id: '1', data: '0' }]);
    expect(await lastValueFrom(controller.observable().pipe(toArray()))).toEqual(['tea', 'milk']);
  });

  it('hands a pusher of the test to the method', async () => {
    const controller = await make();
    const pushed: unknown[] = [];
    const pusher = {
      push: async (message: unknown) => pushed.push(message) > 0,
    } as unknown as SsePusher<{ order: string }>;
    await controller.pusher('7', pusher);

    expect(pushed).toEqual([{ event: 'order', data: '7' }]);
  });

  it('keeps the name of the method', async () => {
    const controller = await make();

    expect(controller.all.name).toBe('all');
  });
});
