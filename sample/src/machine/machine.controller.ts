import {
  Controller,
  DefaultValuePipe,
  HttpCode,
  NotFoundException,
  Param,
  ParseIntPipe,
  Post,
  Query,
} from '@nestjs/common';
import { LastEventId, Pusher, type SseMessage, SsePusher, SseStream } from 'nestjs-event-stream';
import { ViewerConnections } from '../viewers/viewer-connections.js';
import { followSamples } from './follow-samples.js';
import { SampleHistory } from './sample-history.js';

@Controller('machine')
export class MachineController {
  constructor(
    private readonly history: SampleHistory,
    private readonly viewers: ViewerConnections,
  ) {}

  /** @param replay how many of the newest samples to begin with, on a first connect */
  @SseStream()
  follow(
    @Query('replay', new DefaultValuePipe(0), ParseIntPipe) replay: number,
    @LastEventId() lastEventId: string | undefined,
    @Pusher() { signal }: SsePusher,
  ): AsyncIterable<SseMessage> {
    return followSamples(this.history, { lastEventId, replay }, signal);
  }

  @Post('cut/:viewer')
  @HttpCode(204)
  cut(@Param('viewer') viewer: string): void {
    if (!this.viewers.cut(viewer)) {
      throw new NotFoundException('No open stream of that name');
    }
  }
}
