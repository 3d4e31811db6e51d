import type { ChannelHub } from './channel-hub.js';
import { PositionFrames } from './position-frames.js';
import type { SseSubscribeOptions } from './subscribe-options.js';

/** Somebody who follows channels. */
export interface Subscriber {
  /** Messages that it has not been given yet. */
  readonly lag: number;
  end(): void;
}

/** All subscribers of the channels of a module: ends them with the application, and keeps what they need not have each. */
export class Subscribers {
  readonly hub: ChannelHub;
  readonly #running = new Set<Subscriber>();
  readonly #frames: PositionFrames;

  constructor(hub: ChannelHub) {
    this.hub = hub;
    this.#frames = new PositionFrames(hub.options);
    hub.onceStopped(() => {
      for (const subscriber of this.#running) {
        subscriber.end();
      }
    });
  }

  add(subscriber: Subscriber): void {
    this.#running.add(subscriber);
  }

  delete(subscriber: Subscriber): void {
    this.#running.delete(subscriber);
  }

  /** How far those are behind who are. */
  lags(): number[] {
    return Array.from(this.#running, ({ lag }) => lag).filter((lag) => lag > 0);
  }

  /** The frames by which a subscriber with these options is told where it stands. */
  framesFor({ gapEvent, positionEvent }: SseSubscribeOptions): PositionFrames {
    if (gapEvent === undefined && positionEvent === undefined) {
      return this.#frames;
    }
    const usual = this.hub.options;
    return new PositionFrames({
      gapEvent: gapEvent ?? usual.gapEvent,
      positionEvent: positionEvent ?? usual.positionEvent,
    });
  }
}
