import type { SseStreamInfo } from '../pusher/index.js';
import type { SseGapReason } from './gap-reason.js';

interface OfChannel {
  readonly channel: string;
  /** Who follows the channel in this process, after what has happened. */
  readonly subscribers: number;
}

interface OfSubscriber {
  /** The stream that follows; absent for a subscription that is iterated. */
  readonly stream: SseStreamInfo | undefined;
}

/** What happens on the channels of this process. A broadcast has the empty string as its channel. */
export type SseChannelEvent =
  | ({ readonly type: 'subscribed' | 'unsubscribed' } & OfChannel & OfSubscriber)
  | ({ readonly type: 'published'; readonly id: string; readonly bytes: number } & OfChannel)
  | ({ readonly type: 'closed' } & OfChannel)
  | ({
      readonly type: 'gap';
      /** All the channels of the subscriber. */
      readonly channels: readonly string[];
      readonly reason: SseGapReason;
      /** Where the subscriber stood; `null` for what could not be read. */
      readonly lastEventId: string | null;
    } & OfSubscriber);
