import { Injectable, Module } from '@nestjs/common';
import { OnSseEvent, type ReceivedMessage, SseModule } from 'nestjs-event-stream';

@Injectable()
export class StockConfig {
  readonly url = process.env['STOCK_URL'] ?? 'https://stock.example/events';
}

@Module({ providers: [StockConfig], exports: [StockConfig] })
class StockConfigModule {}

@Injectable()
export class Stock {
  readonly levels: Record<string, number> = {};

  @OnSseEvent('stock') // every event
  take(message: ReceivedMessage): void {
    Object.assign(this.levels, message.json());
  }
}

@Module({
  imports: [
    SseModule.forFeatureAsync({
      imports: [StockConfigModule],
      inject: [StockConfig],
      useFactory: ({ url }: StockConfig) => ({ sources: { stock: { url } } }),
    }),
  ],
  providers: [Stock],
})
export class StockModule {}
