import { toDataLines } from './data-lines.js';
import { checkedId, checkedLine, checkedRetry, checkedText } from './field-checks.js';
import { toFieldLine, toFieldLines } from './line-break.js';
import type { SseMessage } from './message.js';
import { type MessageFields, readFields } from './message-fields.js';
import { type SseSerialize, serializeJson } from './serialize.js';

/**
 * One frame of an event stream as text, ended by a blank line. WHATWG HTML, section 9.2.5.
 *
 * Lines come in the order comment, id, event, retry, data. CR, LF and CRLF in data and comments start a new line of the
 * same field. A message with an event name and no data gets an empty data line, for clients would drop it otherwise.
 * Unknown fields are ignored. The `type` of a message with data is read as `event` if it has none, so a `MessageEvent` of
 * Nest is accepted. Every field is read exactly once.
 *
 * @param message what to send; a string is short for `{ data: string }`
 * @param serialize turns data other than strings and bytes into text; `JSON.stringify` by default
 * @throws SseInvalidMessageError for anything that cannot be sent as it is; nothing is stripped or coerced
 * @example
 * formatMessage({ id: '1', event: 'tick', data: { at: 12 } }); // 'id: 1\nevent: tick\ndata: {"at":12}\n\n'
 */
export function formatMessage(message: SseMessage | string, serialize: SseSerialize = serializeJson): string {
  if (typeof message === 'string') return `${toFieldLines('data', checkedText('data', message))}\n`;
  return formatFields(readFields(message), serialize);
}

/** The same, of fields that were read before. */
export function formatFields(fields: MessageFields, serialize: SseSerialize = serializeJson): string {
  const { comment, id, event, retry, data, hasData } = fields;
  let frame = '';
  if (comment !== undefined) frame += toFieldLines('', checkedText('comment', comment));
  if (id !== undefined) frame += toFieldLine('id', checkedId(id));
  if (event !== undefined) frame += toFieldLine('event', checkedLine('event', event));
  if (retry !== undefined) frame += toFieldLine('retry', `${checkedRetry(retry)}`);
  if (hasData) frame += toDataLines(data, serialize);
  else if (event !== undefined) frame += 'data:\n';
  return `${frame}\n`;
}
