import { Injectable, Module } from '@nestjs/common';
import { OnSseEvent, type ReceivedMessage, type SseEventContext, SseModule, SseSources } from 'nestjs-event-stream';
import { redisCursorStore, redisLeases } from 'nestjs-event-stream/redis';

@Injectable()
export class Shipments {
  readonly booked = new Map<string, unknown>(); // your database

  @OnSseEvent('shipments')
  async book(message: ReceivedMessage, { signal }: SseEventContext): Promise<void> {
    signal.throwIfAborted(); // SseLeaseLostError: another instance begins with this message
    this.booked.set(message.lastEventId, message.json());
  }
}

@Injectable()
export class ShipmentsHealth {
  constructor(private readonly sources: SseSources) {}

  get isUp(): boolean {
    return !this.sources.isHeld('shipments') || this.sources.get('shipments').state === 'open';
  }
}

@Module({
  imports: [
    SseModule.forRootAsync({
      useFactory: () => {
        const redis = { url: process.env['REDIS_URL'] ?? 'redis://localhost:6379' };
        const shipments = {
          url: process.env['SHIPMENTS_URL'] ?? 'https://shipments.example/events',
          cursorStore: redisCursorStore(redis),
          lease: redisLeases(redis),
        };
        return { sources: { shipments } };
      },
    }),
  ],
  providers: [Shipments, ShipmentsHealth],
})
export class ManyInstancesModule {}
