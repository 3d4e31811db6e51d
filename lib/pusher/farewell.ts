import { formatMessage, type SseMessage } from '../protocol/index.js';
import { REPLACED_ID } from '../protocol/internal.js';
import type { SseCloseReason } from './close-reason.js';
import type { StreamSettings } from './stream-settings.js';

/**
 * The id of the last frame of a stream that shall not be asked for again. A client that reconnects sends it back, on
 * whichever instance, and gets 204, the one answer after which EventSource stops (WHATWG HTML 9.2.3).
 */
export const TERMINAL_ID = '~end';

/** Whether a client comes back to a stream that is over for it, and so gets 204. */
export function isEndedFor(lastEventId: string | undefined, { onEnd }: Pick<StreamSettings, 'onEnd'>): boolean {
  return lastEventId === REPLACED_ID || (lastEventId === TERMINAL_ID && onEnd === 'stop');
}

/** The last frame of a stream that ends in good order: the closing message, the terminal id, both or nothing. */
export function farewellFrame(
  reason: SseCloseReason,
  { onEnd, closeMessage }: Pick<StreamSettings, 'onEnd' | 'closeMessage'>,
): string | undefined {
  if (reason === 'ended' && onEnd === 'stop') {
    return withId(TERMINAL_ID, closeMessage);
  }
  if (reason === 'replaced' && closeMessage !== undefined) {
    // An id of its own would bring the client back.
    return withId(REPLACED_ID, closeMessage);
  }
  return reason === 'error' || closeMessage === undefined ? undefined : formatMessage(closeMessage as SseMessage);
}

function withId(id: string, closeMessage: StreamSettings['closeMessage']): string {
  const message = typeof closeMessage === 'string' ? { data: closeMessage } : closeMessage;
  return formatMessage({ ...message, id });
}
