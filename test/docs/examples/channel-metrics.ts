import { Injectable } from '@nestjs/common';
import { SseChannels } from 'nestjs-event-stream';

@Injectable()
export class ChannelMetrics {
  published = 0;
  readonly gaps: Record<string, number> = {};

  constructor(private readonly channels: SseChannels) {
    channels.events$.subscribe((event) => {
      if (event.type === 'published') {
        this.published++;
      } else if (event.type === 'gap') {
        this.gaps[event.reason] = (this.gaps[event.reason] ?? 0) + 1;
      }
    });
  }

  /** As of now, of this process. */
  get subscribers(): number {
    return this.channels.localStats().reduce((sum, { subscribers }) => sum + subscribers, 0);
  }
}
