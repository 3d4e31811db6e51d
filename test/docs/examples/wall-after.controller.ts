import { Body, Controller, Post } from '@nestjs/common';
import { Pusher, SseChannels, SsePusher, SseStream } from 'nestjs-event-stream';

@Controller('wall')
export class WallController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream()
  async follow(@Pusher() pusher: SsePusher) {
    await pusher.push({ event: 'welcome', data: { you: 'are in' } });
    return this.channels.subscribe('wall');
  }

  @Post()
  async post(@Body('text') text: string) {
    await this.channels.publish('wall', { event: 'posted', data: JSON.stringify(text) }); // quoted, as before
  }
}
