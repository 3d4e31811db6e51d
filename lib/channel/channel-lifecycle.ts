import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ChannelHub } from './channel-hub.js';

/** Ends the channels with the application. */
@Injectable()
export class ChannelLifecycle implements OnApplicationShutdown {
  constructor(@Inject(ChannelHub) private readonly hub: ChannelHub) {}

  /** After the streams were drained: until then, whoever still runs may publish to them. */
  async onApplicationShutdown(): Promise<void> {
    await this.hub.stop();
  }
}
