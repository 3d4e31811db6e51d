import { kindOf } from './field-checks.js';
import { SseInvalidMessageError } from './invalid-message.error.js';

/** The fields of a message, not checked yet. */
export interface MessageFields {
  comment: unknown;
  id: unknown;
  event: unknown;
  retry: unknown;
  data: unknown;
  hasData: boolean;
}

/**
 * Reads every field of a message exactly once, so that a getter or a proxy cannot show one value to a check and another to
 * the writer.
 */
export function readFields(message: unknown): MessageFields {
  if (typeof message !== 'object' || message === null) throw noMessage(kindOf(message));
  const fields = read(message as Record<string, unknown>);
  const { comment, id, event, retry, hasData } = fields;
  if (!hasData && id === undefined && event === undefined && comment === undefined && retry === undefined) {
    throw noMessage('an object with none of them');
  }
  return fields;
}

function read(message: Record<string, unknown>): MessageFields {
  try {
    if (Array.isArray(message)) throw noMessage('an array');
    const { comment, id, event, retry, data } = message;
    const hasData = data !== undefined || 'data' in message;
    // Only a MessageEvent of Nest, which always has data: any other object with a type is something else.
    const name = event === undefined && hasData ? message.type : event;
    return { comment, id, event: name, retry, data, hasData };
  } catch (cause) {
    if (cause instanceof SseInvalidMessageError) throw cause;
    throw new SseInvalidMessageError('message', 'could not be read', { cause });
  }
}

function noMessage(given: string): SseInvalidMessageError {
  return new SseInvalidMessageError(
    'message',
    `must be a string or an object with at least one of id, event, data, retry and comment, not ${given}`,
  );
}
