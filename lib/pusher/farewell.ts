import { formatMessage, type SseMessage } from '../protocol/index.js';
import type { SseCloseReason } from './close-reason.js';
import type { StreamSettings } from './stream-settings.js';

/**
 * The id of the last frame of a stream that shall not be asked for again. A client that reconnects sends it back, on
 * whichever instance, and gets 204, the one answer after which EventSource stops (WHATWG HTML 9.2.3).
 */
export const TERMINAL_ID = '~end';

/** The last frame of a stream that ends in good order: the closing message, the terminal id, both or nothing. */
export function farewellFrame(
  reason: SseCloseReason,
  { onEnd, closeMessage }: Pick<StreamSettings, 'onEnd' | 'closeMessage'>,
): string | undefined {
  if (reason === 'ended' && onEnd === 'stop') {
    const message = typeof closeMessage === 'string' ? { data: closeMessage } : closeMessage;
    return formatMessage({ ...message, id: TERMINAL_ID });
  }
  return reason === 'error' || closeMessage === undefined ? undefined : formatMessage(closeMessage as SseMessage);
}
