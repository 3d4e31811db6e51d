import type { FactoryProvider, OnApplicationBootstrap } from '@nestjs/common';
import { type SseChannel, SseChannels } from 'nestjs-event-stream';
import { Instance } from '../instance.js';
import { ViewerConnections } from './viewer-connections.js';

interface Cut {
  readonly viewer: string;
  readonly forMs: number;
}

/** Cuts a viewer wherever it is served: who is asked for it need not be the one that has the connection. */
export class ViewerCuts implements OnApplicationBootstrap {
  private readonly channel: SseChannel<{ cut: Cut }>;

  constructor(
    stream: string,
    channels: SseChannels,
    private readonly connections: ViewerConnections,
    private readonly instance: Instance,
  ) {
    this.channel = channels.channel(`cuts of ${stream}`);
  }

  onApplicationBootstrap(): void {
    if (this.instance.isOneOfMany) void this.follow();
  }

  /**
   * @param forMs how long the viewer cannot come back, to any instance
   * @returns whether there was something to cut, as far as this instance can know
   */
  async cut(viewer: string, forMs = 0): Promise<boolean> {
    if (!this.instance.isOneOfMany) return this.connections.cut(viewer, forMs);
    await this.channel.publish({ event: 'cut', data: { viewer, forMs } });
    return true;
  }

  private async follow(): Promise<void> {
    for await (const message of this.channel.subscribe({ filter: ['cut'] })) {
      if (message.event !== 'cut') continue;
      const { viewer, forMs } = message.json<Cut>();
      if (!this.connections.cut(viewer, forMs)) this.connections.keepOut(viewer, forMs);
    }
  }
}

/** @param stream whose connections they are: each has a gate of its own */
export function provideViewerCuts(stream: string): FactoryProvider<ViewerCuts> {
  return {
    provide: ViewerCuts,
    inject: [SseChannels, ViewerConnections, Instance],
    useFactory: (channels: SseChannels, connections: ViewerConnections, instance: Instance) =>
      new ViewerCuts(stream, channels, connections, instance),
  };
}
