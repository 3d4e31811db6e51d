import { formatMessage, type SseMessage } from '../protocol/index.js';

/**
 * The id of the last frame of a stream that shall not be asked for again. A client that reconnects sends it back, on
 * whichever instance, and gets 204, the one answer after which EventSource stops (WHATWG HTML 9.2.3).
 */
export const TERMINAL_ID = '~end';

/** The last frame: the closing message with the terminal id, or the bare id. */
export function terminalFrame(closeMessage: SseMessage | string | undefined): string {
  const message = typeof closeMessage === 'string' ? { data: closeMessage } : closeMessage;
  return formatMessage({ ...message, id: TERMINAL_ID });
}
