import { SseInvalidMessageError } from '../protocol/index.js';
import { readFields } from '../protocol/internal.js';
import type { ChannelMessage } from './channel-message.js';

/** What becomes of an id that a message brings along. */
export type RelayedIds = 'drop' | 'refuse';

/**
 * What is to be published of a message that comes from elsewhere; nothing for one that was only a position there.
 *
 * @throws SseInvalidMessageError for what is no message, or has an id that is to be refused
 */
export function relayedMessage(item: unknown, ids: RelayedIds): ChannelMessage | undefined {
  if (typeof item === 'string') return item;
  const { id, event, data, hasData, comment, retry } = readFields(item);
  if (id !== undefined && ids === 'refuse') {
    throw new SseInvalidMessageError('id', "must not be given: the channel assigns it; pipe with { ids: 'drop' }");
  }
  const isPosition = !hasData && event === undefined && comment === undefined && retry === undefined;
  if (isPosition) return undefined;
  // What publish() refuses in a field, it refuses here too.
  return { ...(hasData && { data }), event: nameOf(event), comment, retry } as ChannelMessage;
}

/** WHATWG HTML, section 9.2.6: an event without a name is received as a `message`. */
function nameOf(event: unknown): unknown {
  return event === 'message' ? undefined : event;
}
