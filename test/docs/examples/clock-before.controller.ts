import { Controller, type MessageEvent, NotFoundException, Param, Sse } from '@nestjs/common';
import { map, type Observable, timer } from 'rxjs';

@Controller('clock')
export class ClockController {
  @Sse(':zone')
  follow(@Param('zone') zone: string): Observable<MessageEvent> {
    if (zone !== 'utc') throw new NotFoundException();
    return timer(0, 60_000).pipe(map((minute) => ({ type: 'tick', data: { zone, minute } })));
  }
}
