import { Body, Controller, Param, Post } from '@nestjs/common';
import { SseChannels, SseStream } from 'nestjs-event-stream';

@Controller('rooms')
export class RoomsController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream(':room') // a new reader gets the newest 20 messages first, one that comes back what it has missed
  follow(@Param('room') room: string) {
    return this.channels.subscribe(`room:${room}`, { replay: 20 });
  }

  @Post(':room')
  async say(@Param('room') room: string, @Body('text') text: string) {
    return { id: await this.channels.publish(`room:${room}`, { event: 'said', data: { text } }) };
  }
}
