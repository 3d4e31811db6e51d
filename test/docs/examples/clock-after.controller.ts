import { Controller, type MessageEvent, NotFoundException, Param } from '@nestjs/common';
import { SseStream } from 'nestjs-event-stream';
import { map, type Observable, timer } from 'rxjs';

@Controller('clock')
export class ClockController {
  @SseStream(':zone')
  follow(@Param('zone') zone: string): Observable<MessageEvent> {
    if (zone !== 'utc') throw new NotFoundException();
    return timer(0, 60_000).pipe(map((minute) => ({ type: 'tick', data: { zone, minute } })));
  }
}
