import { Controller, Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { SseChannels, SseModule, SseReceiverService, SseStream } from 'nestjs-event-stream';

@Injectable()
class NewsDesk implements OnApplicationBootstrap {
  constructor(
    private readonly channels: SseChannels,
    private readonly receiver: SseReceiverService,
  ) {}

  /** One connection to the agency, however many read along. */
  onApplicationBootstrap(): void {
    const agency = this.receiver.subscribe(process.env['NEWS_URL'] ?? 'https://agency.example/news');
    void this.channels.channel('news').pipe(agency, { ids: 'drop' });
  }
}

@Controller('news')
class NewsController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream()
  follow() {
    return this.channels.subscribe('news', { replay: 20 });
  }
}

@Module({ imports: [SseModule.forRoot()], controllers: [NewsController], providers: [NewsDesk] })
export class NewsModule {}
