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
import { Instance } from '../instance.js';
import { ViewerCuts } from '../viewers/viewer-cuts.js';
import { followSamples } from './follow-samples.js';
import { SampleHistory } from './sample-history.js';

@Controller('machine')
export class MachineController {
  constructor(
    private readonly history: SampleHistory,
    private readonly viewers: ViewerCuts,
    private readonly instance: Instance,
  ) {}

  /** @param replay how many of the newest samples to begin with, on a first connect */
  @SseStream()
  follow(
    @Query('replay', new DefaultValuePipe(0), ParseIntPipe) replay: number,
    @LastEventId() lastEventId: string | undefined,
    @Pusher() pusher: SsePusher,
  ): AsyncIterable<SseMessage> {
    void pusher.push(this.instance.introduction);
    return followSamples(this.history, { lastEventId, replay }, pusher.signal);
  }

  @Post('cut/:viewer')
  @HttpCode(204)
  async cut(@Param('viewer') viewer: string): Promise<void> {
    if (!(await this.viewers.cut(viewer))) {
      throw new NotFoundException('No open stream of that name');
    }
  }
}
