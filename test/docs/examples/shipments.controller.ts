import { Controller, Param } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { SseChannels, SseStream } from 'nestjs-event-stream';
import { ApiSseStream } from 'nestjs-event-stream/openapi';

class PositionDto {
  @ApiProperty() latitude!: number;
  @ApiProperty() longitude!: number;
}

class DeliveredDto {
  @ApiProperty({ format: 'date-time' }) at!: string;
}

@Controller('shipments')
export class ShipmentsController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream(':id/events')
  @ApiSseStream({ events: { moved: PositionDto, delivered: DeliveredDto, note: String }, ends: true })
  follow(@Param('id') id: string) {
    return this.channels.subscribe(`shipment:${id}`);
  }
}
