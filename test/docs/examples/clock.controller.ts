import { setTimeout as sleep } from 'node:timers/promises';
import { Controller } from '@nestjs/common';
import { Pusher, SsePusher, SseStream } from 'nestjs-event-stream';

@Controller('clock')
export class ClockController {
  @SseStream() // GET /clock
  async *tick(@Pusher() { signal }: SsePusher) {
    while (!signal.aborted) {
      yield { event: 'tick', data: { at: new Date().toISOString() } };
      await sleep(1000, undefined, { signal }); // the client has left: no second more
    }
  }
}
