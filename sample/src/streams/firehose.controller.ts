import { Controller, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { type SseChannel, type SseChannelSubscription, SseChannels, SseStream } from 'nestjs-event-stream';
import { distinctUntilChanged, EMPTY, filter, interval, map, mergeMap, type Subscription, switchMap } from 'rxjs';

const NAME = 'firehose';
const EVERY_MS = 100;
const MESSAGE = 'x'.repeat(64 * 1024);

/** A stream that says so much that a reader which does not read falls behind within seconds. It says so to followers only. */
@Controller(NAME)
export class FirehoseController implements OnModuleInit, OnModuleDestroy {
  private readonly channel: SseChannel;
  private flow: Subscription | undefined;

  constructor(private readonly channels: SseChannels) {
    this.channel = channels.channel(NAME);
  }

  onModuleInit(): void {
    const followed$ = this.channels.events$.pipe(
      mergeMap((event) => (event.type === 'subscribed' || event.type === 'unsubscribed' ? [event] : [])),
      filter(({ channel }) => channel === NAME),
      map(({ subscribers }) => subscribers > 0),
      distinctUntilChanged(),
    );
    const ticks$ = followed$.pipe(switchMap((followed) => (followed ? interval(EVERY_MS) : EMPTY)));
    this.flow = ticks$.subscribe(() => void this.channel.publish(MESSAGE));
  }

  onModuleDestroy(): void {
    this.flow?.unsubscribe();
  }

  @SseStream()
  follow(): SseChannelSubscription {
    return this.channel.subscribe();
  }
}
