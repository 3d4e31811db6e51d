import { setImmediate } from 'node:timers/promises';
import { formatMessage, type SseMessage } from '../protocol/index.js';
import { durationMs, type OptionRules, oneOf } from '../protocol/internal.js';
import type { ManagedStream } from '../pusher/index.js';
import { openingFrame } from '../pusher/internal.js';

/** How streams are closed. */
export interface SseStreamCloseOptions {
  /**
   * What `onClose`, `signal` and `closedCounts()` are told. Default `'revoked'`. `'ended'` is an end like any other of its
   * route: with `onEnd: 'stop'`, EventSource does not come back from it.
   */
  readonly reason?: 'revoked' | 'replaced' | 'ended';
  /** The last message, in front of the route's own `closeMessage`. Its data is text, bytes, or what JSON can say. */
  readonly message?: SseMessage | string;
  /** When their clients shall come back, in milliseconds, jittered upwards by as much as half. Default: as they were told. */
  readonly retryMs?: number;
}

export const CLOSE_RULES: OptionRules<SseStreamCloseOptions> = {
  reason: oneOf('revoked', 'replaced', 'ended'),
  // What is wrong with it, its encoder says.
  message: () => undefined,
  retryMs: durationMs(),
};

/** To close more than these hands the event loop back after so many. */
const SLICE = 100;

/**
 * Ends streams in good order.
 *
 * @returns how many have not ended by themselves before their turn came
 * @throws SseInvalidMessageError (as a rejection) for a message that cannot be sent; then none is closed
 */
export async function closeStreams(
  streams: readonly ManagedStream[],
  { reason = 'revoked', message, retryMs }: SseStreamCloseOptions,
): Promise<number> {
  const last = message === undefined ? '' : formatMessage(message);
  let closed = 0;
  for (const [index, stream] of streams.entries()) {
    if (index > 0 && index % SLICE === 0) {
      await setImmediate();
    }
    if (stream.state !== 'closed') {
      stream.end(reason, [openingFrame({ retryMs: retryMs ?? false }, Math.random()), last]);
      closed++;
    }
  }
  return closed;
}
