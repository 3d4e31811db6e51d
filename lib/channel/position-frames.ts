import { formatMessage } from '../protocol/index.js';
import type { SseGapReason } from './gap-reason.js';

/** The frames by which a subscriber is told where it stands. */
export class PositionFrames {
  readonly #gapEvent: string;
  readonly #positionEvent: string | undefined;

  constructor({
    gapEvent = 'gap',
    positionEvent,
  }: { gapEvent?: string | undefined; positionEvent?: string | undefined }) {
    this.#gapEvent = gapEvent;
    this.#positionEvent = positionEvent;
  }

  /** A position alone. */
  position(id: string): string {
    return formatMessage(this.#positionEvent === undefined ? { id } : { id, event: this.#positionEvent, data: id });
  }

  /** @param id from where it goes on; absent while a snapshot is still to come, for who leaves before it must start anew */
  gap(id: string | undefined, reason: SseGapReason, lastEventId: string | null): string {
    const message = { event: this.#gapEvent, data: { lastEventId, reason } };
    return formatMessage(id === undefined ? message : { id, ...message });
  }

  /** A ping that brings the position along; clients that take no bare ids get it as an event behind the ping. */
  ping(pingFrame: string, id: string): string {
    if (this.#positionEvent !== undefined) {
      return pingFrame + this.position(id);
    }
    return HAS_ID.test(pingFrame) ? pingFrame : `id: ${id}\n${pingFrame}`;
  }
}

/** A ping of one's own may have an id, and then means it. */
const HAS_ID = /^id:/m;
