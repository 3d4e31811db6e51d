import type { SseStreamInfo } from '../pusher/index.js';

/** What is measured and traced, and what it is called. */
export interface SseOpenTelemetryOptions {
  /** Whether there are metrics. Default true. */
  readonly metrics?: boolean;
  /** Whether there are spans. Default true. */
  readonly traces?: boolean;
  /**
   * Whether requests of receivers carry the context of their attempt (`traceparent`, and whatever else the application's
   * propagators write, baggage for instance), redirects to other origins excepted. Default true.
   */
  readonly propagate?: boolean;
  /**
   * What kind of channel a name belongs to, such as `order` for `order:4711`: the attribute `sse.channel.kind`, and part of
   * the names of spans. There must be few kinds. Default: none is told, for names are as many as your orders.
   */
  readonly channelKind?: (channel: string) => string | undefined;
  /**
   * What the attribute `sse.route` of a stream is. There must be few. Default: `Controller.method`, and `_OTHER` for streams
   * of `SsePusherFactory`.
   */
  readonly route?: (stream: SseStreamInfo) => string;
}
