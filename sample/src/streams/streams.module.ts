import { Module } from '@nestjs/common';
import { SseAdminModule } from 'nestjs-event-stream';
import { FirehoseController } from './firehose.controller.js';
import { LoopbackGuard } from './loopback.guard.js';

/** What the page of streams needs. It shows those of one process: behind a front, each question would go to another one. */
@Module({
  imports: [SseAdminModule.forRoot({ guards: [LoopbackGuard] })],
  controllers: [FirehoseController],
})
export class StreamsModule {}
