import { SseInvalidMessageError, type SseSerialize } from '../protocol/index.js';
import { formatFields, readFields } from '../protocol/internal.js';

/**
 * The frame of a message that gets its id later, as text.
 *
 * @throws SseInvalidMessageError for one that cannot be sent, or has an id already
 */
export function formatWithoutId(message: unknown, serialize: SseSerialize | undefined): string {
  const fields = readFields(typeof message === 'string' ? { data: message } : message);
  if (fields.id !== undefined) {
    throw new SseInvalidMessageError('id', 'must not be given: the channel assigns it');
  }
  return formatFields(fields, serialize);
}
