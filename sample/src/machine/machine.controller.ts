import {
  Controller,
  DefaultValuePipe,
  HttpCode,
  NotFoundException,
  Param,
  ParseIntPipe,
  Post,
  Query,
  Req,
} from '@nestjs/common';
import type { Request } from 'express';
import { LastEventId, Pusher, type SseMessage, SsePusher, SseStream } from 'nestjs-event-stream';
import { followSamples } from './follow-samples.js';
import { SampleHistory } from './sample-history.js';
import { ViewerSockets } from './viewer-sockets.js';

/** Long enough not to be guessed by another page, short enough to be kept. */
const VIEWER = /^[\w-]{16,64}$/;

@Controller('machine')
export class MachineController {
  constructor(
    private readonly history: SampleHistory,
    private readonly viewers: ViewerSockets,
  ) {}

  /** @param replay how many of the newest samples to begin with, on a first connect */
  @SseStream()
  follow(
    @Query('replay', new DefaultValuePipe(0), ParseIntPipe) replay: number,
    @Query('viewer') viewer: unknown,
    @Req() request: Request,
    @LastEventId() lastEventId: string | undefined,
    @Pusher() { signal }: SsePusher,
  ): AsyncIterable<SseMessage> {
    if (typeof viewer === 'string' && VIEWER.test(viewer)) {
      this.viewers.remember(viewer, request.socket);
    }
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
