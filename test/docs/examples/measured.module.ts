import { Controller, Module, Param } from '@nestjs/common';
import { SseChannels, SseModule, SseStream } from 'nestjs-event-stream';
import { SseOpenTelemetryModule } from 'nestjs-event-stream/opentelemetry';

@Controller('orders')
class OrdersController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream(':id')
  follow(@Param('id') id: string) {
    return this.channels.subscribe(`order:${id}`);
  }
}

@Module({
  imports: [
    SseModule.forRoot(),
    SseOpenTelemetryModule.forRoot({ channelKind: (channel) => channel.split(':')[0] }), // order:4711 is an order
  ],
  controllers: [OrdersController],
})
export class MeasuredModule {}
