import { formatMessage } from './format-message.js';
import type { SseMessage } from './message.js';
import type { SseSerialize } from './serialize.js';

/**
 * One frame of an event stream as UTF-8 bytes, ready for a socket. See {@link formatMessage} for the rules.
 *
 * @param message what to send; a string is short for `{ data: string }`
 * @param serialize turns data other than strings and bytes into text; `JSON.stringify` by default
 * @throws SseInvalidMessageError for anything that cannot be sent as it is
 * @example
 * socket.write(encodeMessage({ event: 'tick', data: { at: 12 } }));
 */
export function encodeMessage(message: SseMessage | string, serialize?: SseSerialize): Buffer {
  return Buffer.from(formatMessage(message, serialize), 'utf8');
}
