import { Controller, Module, Param } from '@nestjs/common';
import { LastEventId, Pusher, SseModule, SsePusher, SseStream } from 'nestjs-event-stream';

@Controller('jobs')
class JobsController {
  @SseStream(':id', { onEnd: 'stop' }) // GET /jobs/:id; a browser does not ask again after the end
  async follow(@Param('id') id: string, @Pusher() pusher: SsePusher, @LastEventId() seen?: string) {
    for (const done of [0, 25, 50, 75, 100].filter((step) => !(step <= Number(seen)))) {
      await pusher.push({ id: String(done), event: 'progress', data: { job: id, done } });
    }
    await pusher.close();
  }
}

@Module({ imports: [SseModule.forRoot(30_000)], controllers: [JobsController] }) // a ping after 30 s of silence
export class AppModule {}
