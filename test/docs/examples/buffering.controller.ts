import { Controller } from '@nestjs/common';
import { bufferingProbe, SseStream } from 'nestjs-event-stream';

@Controller('health')
export class BufferingController {
  @SseStream('buffering', { onEnd: 'stop' }) // GET /health/buffering: one event at once, one after five seconds
  buffering() {
    return bufferingProbe();
  }
}
