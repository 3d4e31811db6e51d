import {
  Body,
  Controller,
  HttpCode,
  NotFoundException,
  Param,
  Post,
  ServiceUnavailableException,
  UseGuards,
} from '@nestjs/common';
import { Pusher, SseBackplaneError, type SseChannelSubscription, SsePusher, SseStream } from 'nestjs-event-stream';
import { Instance, type ServedBy } from '../instance.js';
import { ViewerCuts } from '../viewers/viewer-cuts.js';
import { JsonOnlyGuard } from './json-only.guard.js';
import type { BoardOpened } from './notice.js';
import { NoticeBoard } from './notice-board.js';
import { NoticeTextPipe } from './notice-text.pipe.js';

const CUT_MS = 10_000;

@Controller('notices')
export class NoticesController {
  constructor(
    private readonly board: NoticeBoard,
    private readonly viewers: ViewerCuts,
    private readonly instance: Instance,
  ) {}

  @SseStream()
  follow(@Pusher() pusher: SsePusher<{ opened: BoardOpened; served: ServedBy }>): SseChannelSubscription {
    const resumed = pusher.lastEventId !== undefined;
    void pusher.push(this.instance.introduction);
    void pusher.push({ event: 'opened', data: { resumed, newestAt: this.board.newestAt } });
    return this.board.follow();
  }

  @Post()
  @UseGuards(JsonOnlyGuard)
  async post(@Body(NoticeTextPipe) text: string): Promise<{ id: string }> {
    const id = await this.board.post(text).catch((error: unknown) => {
      throw error instanceof SseBackplaneError ? new ServiceUnavailableException(error.message) : error;
    });
    return { id };
  }

  @Post('cut/:viewer')
  @HttpCode(200)
  async cut(@Param('viewer') viewer: string): Promise<{ forMs: number }> {
    if (!(await this.viewers.cut(viewer, CUT_MS))) {
      throw new NotFoundException('No open stream of that name');
    }
    return { forMs: CUT_MS };
  }
}
