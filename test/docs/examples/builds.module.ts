import { Controller, Module, Param } from '@nestjs/common';
import { SseChannels, SseModule, SseStream } from 'nestjs-event-stream';

@Controller('builds')
class BuildsController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream(':id/log') // a new reader gets the whole log, as far as it is kept
  log(@Param('id') id: string) {
    return this.channels.subscribe(`log:${id}`, { replay: 'all' });
  }
}

/** Asked when a channel comes to be. Nobody needs the load of a minute ago. */
const perChannel = (channel: string) => (channel.startsWith('load:') ? false : { events: 100_000 });

@Module({
  imports: [SseModule.forRoot({ history: { ageMs: 3_600_000, perChannel } })], // an hour instead of five minutes
  controllers: [BuildsController],
})
export class BuildsModule {}
