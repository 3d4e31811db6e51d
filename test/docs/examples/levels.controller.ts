import { Controller } from '@nestjs/common';
import { Pusher, SsePusher, SseStream } from 'nestjs-event-stream';
import { interval, map, type Observable } from 'rxjs';

@Controller('levels')
export class LevelsController {
  /** Reads its file, a database, a queue only as fast as this client takes what comes out. */
  @SseStream('export', { onEnd: 'stop' })
  async export(@Pusher() pusher: SsePusher): Promise<void> {
    for (let row = 0; row < 10_000; row++) {
      if (!(await pusher.push({ id: String(row), data: 'x'.repeat(1000) }))) return; // the client has left
    }
    await pusher.close();
  }

  /** An Observable waits for nobody: let it say little, so that what waits for a slow client stays below the bound. */
  @SseStream('level')
  level(): Observable<object> {
    return interval(1000).pipe(map((n) => ({ event: 'level', data: n })));
  }
}
