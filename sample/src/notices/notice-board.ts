import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type SseChannel, type SseChannelSubscription, SseChannels } from 'nestjs-event-stream';
import type { Notice } from './notice.js';

/** Notices that a first connect begins with. */
const REPLAYED = 20;

/** A channel, and little else: it keeps the notices, sends them to everybody, and to whoever was away when he is back. */
@Injectable()
export class NoticeBoard implements OnApplicationBootstrap {
  private readonly channel: SseChannel<{ notice: Notice }>;
  private newest = 0;

  constructor(channels: SseChannels) {
    this.channel = channels.channel('notices');
  }

  /** What other instances post counts as well. */
  onApplicationBootstrap(): void {
    void this.takeNote();
  }

  /** `at` of the newest notice; 0 while there is none. */
  get newestAt(): number {
    return this.newest;
  }

  /** @returns the id that the channel gave it */
  post(text: string): Promise<string> {
    // Times that only grow tell which notice came before which, even if the clock is set back.
    this.newest = Math.max(Date.now(), this.newest + 1);
    return this.channel.publish({ event: 'notice', data: { text, at: this.newest } });
  }

  /** Positions come as events: a page that has to make a new EventSource can then tell it where the old one stood. */
  follow(): SseChannelSubscription {
    return this.channel.subscribe({ replay: REPLAYED, positionEvent: 'position' });
  }

  private async takeNote(): Promise<void> {
    for await (const message of this.channel.subscribe({ replay: 1, filter: ['notice'] })) {
      if (message.event === 'notice') this.newest = Math.max(this.newest, message.json<Notice>().at);
    }
  }
}
