import { Body, Controller, HttpCode, NotFoundException, Param, Post, UseGuards } from '@nestjs/common';
import { Pusher, type SseChannelSubscription, SsePusher, SseStream } from 'nestjs-event-stream';
import { ViewerConnections } from '../viewers/viewer-connections.js';
import { JsonOnlyGuard } from './json-only.guard.js';
import type { BoardOpened } from './notice.js';
import { NoticeBoard } from './notice-board.js';
import { NoticeTextPipe } from './notice-text.pipe.js';

const CUT_MS = 10_000;

@Controller('notices')
export class NoticesController {
  constructor(
    private readonly board: NoticeBoard,
    private readonly viewers: ViewerConnections,
  ) {}

  @SseStream()
  follow(@Pusher() pusher: SsePusher<{ opened: BoardOpened }>): SseChannelSubscription {
    const resumed = pusher.lastEventId !== undefined;
    void pusher.push({ event: 'opened', data: { resumed, newestAt: this.board.newestAt } });
    return this.board.follow();
  }

  @Post()
  @UseGuards(JsonOnlyGuard)
  async post(@Body(NoticeTextPipe) text: string): Promise<{ id: string }> {
    return { id: await this.board.post(text) };
  }

  @Post('cut/:viewer')
  @HttpCode(200)
  cut(@Param('viewer') viewer: string): { forMs: number } {
    if (!this.viewers.cut(viewer, CUT_MS)) {
      throw new NotFoundException('No open stream of that name');
    }
    return { forMs: CUT_MS };
  }
}
