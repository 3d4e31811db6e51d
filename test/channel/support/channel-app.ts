import { Controller, Query, type Type } from '@nestjs/common';
import {
  type SseChannelSubscription,
  SseChannels,
  type SseModuleOptions,
  SseStream,
  type SseStreamOptions,
  type SseSubscribeOptions,
} from '../../../lib/index.js';
import { type PlatformOrAdapter, startApp, type TestApp } from '../../pusher/support/platforms.js';
import { openRaw, type RawStream } from '../../pusher/support/raw-client.js';

export interface ChannelApp extends TestApp {
  readonly channels: SseChannels;
  /** The subscription of each stream so far. */
  readonly subscriptions: SseChannelSubscription[];
  /** Opens a stream on channels, `a,b` for two of them, as a client that has seen `lastEventId`. */
  open(names: string, lastEventId?: string): Promise<RawStream>;
}

export interface ChannelAppParts {
  readonly sse?: SseModuleOptions;
  readonly route?: SseStreamOptions;
  /** What each new stream subscribes with. */
  readonly subscribe?: SseSubscribeOptions | (() => SseSubscribeOptions);
  readonly controllers?: Type[];
}

/** An application whose `GET /stream?of=a,b` follows the channels a and b. No `retry`, so that what is sent is what is told. */
export async function startChannelApp(
  platform: PlatformOrAdapter,
  { sse, route, subscribe = {}, controllers = [] }: ChannelAppParts = {},
): Promise<ChannelApp> {
  const subscriptions: SseChannelSubscription[] = [];

  @Controller()
  class StreamController {
    constructor(private readonly channels: SseChannels) {}

    @SseStream('stream', route)
    follow(@Query('of') names: string): SseChannelSubscription {
      const options = typeof subscribe === 'function' ? subscribe() : subscribe;
      const subscription = this.channels.subscribe(names === '' ? [] : names.split(','), options);
      subscriptions.push(subscription);
      return subscription;
    }
  }

  const app = await startApp(platform, {
    controllers: [StreamController, ...controllers],
    sse: { retryMs: false, pingMs: 0, ...sse },
  });
  return {
    ...app,
    channels: app.app.get(SseChannels),
    subscriptions,
    open: (names, lastEventId) =>
      openRaw(app.port, `/stream?of=${encodeURIComponent(names)}`, {
        headers: lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId },
      }),
  };
}

/** The last id of a stream, as its client would send it. */
export function lastIdOf({ text }: { readonly text: string }): string {
  return [...text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? '';
}

/** The data lines of a stream. */
export function dataOf({ text }: { readonly text: string }): string[] {
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => data!);
}

/** The names of the events of a stream. */
export function eventsOf({ text }: { readonly text: string }): string[] {
  return [...text.matchAll(/^event: (.*)$/gm)].map(([, event]) => event!);
}
