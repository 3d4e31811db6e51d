import type { SseCloseReason } from './close-reason.js';
import type { SseStreamState } from './stream-life.js';
import type { SseStreamInfo } from './stream-options.js';
import type { StreamSettings } from './stream-settings.js';

/** A stream as those see it who keep count of all streams, and end them. */
export interface ManagedStream {
  readonly info: SseStreamInfo;
  readonly settings: StreamSettings;
  readonly state: SseStreamState;
  /** Whether the response was finished, or its peer has left. */
  readonly isGone: boolean;
  /** Ends it in good order, with some last frames. */
  end(reason: SseCloseReason, lastFrames?: readonly string[]): void;
  /** Cuts the peer off. */
  destroy(reason: SseCloseReason): void;
  /** Resolves when the response is finished or cut. */
  gone(): Promise<void>;
  /** Lets the connection go too, once the stream is gone. */
  closeConnection(): void;
}
