import { Body, Controller, Post } from '@nestjs/common';
import { SseChannels, SseStream } from 'nestjs-event-stream';

@Controller('notices')
export class NoticesController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream() // GET /notices: the newest 20 for who is new, what was missed for who comes back
  follow() {
    return this.channels.subscribe('notices', { replay: 20 });
  }

  @Post()
  async post(@Body('text') text: string) {
    return { id: await this.channels.publish('notices', { event: 'notice', data: { text } }) };
  }
}
