import { types } from 'node:util';
import { checkedText, kindOf } from './field-checks.js';
import { SseInvalidMessageError } from './invalid-message.error.js';
import { toFieldLine, toFieldLines } from './line-break.js';
import { type SseSerialize, serializeJson } from './serialize.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The data lines of a frame: strings and bytes raw, everything else as `serialize` writes it. */
export function toDataLines(data: unknown, serialize: SseSerialize): string {
  if (typeof data === 'string') return toFieldLines('data', checkedText('data', data));
  if (types.isUint8Array(data)) return toFieldLines('data', decoded(data));
  const text = serialized(data, serialize);
  // JSON escapes line breaks and lone surrogates, so its text is not searched for them: that would cost more than the rest.
  return serialize === serializeJson ? toFieldLine('data', text) : toFieldLines('data', checkedText('data', text));
}

function decoded(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new SseInvalidMessageError('data', 'is no valid UTF-8; encode binary data, in base64 for example', { cause });
  }
}

function serialized(data: unknown, serialize: SseSerialize): string {
  if (data === undefined) throw new SseInvalidMessageError('data', 'is undefined; leave it out, or send null');
  const text = called(data, serialize);
  if (typeof text === 'string') return text;
  const problem =
    serialize === serializeJson ? 'has no JSON form' : `must be serialized to a string, not ${kindOf(text)}`;
  throw new SseInvalidMessageError('data', `(${kindOf(data)}) ${problem}`);
}

function called(data: unknown, serialize: SseSerialize): unknown {
  try {
    return serialize(data);
  } catch (cause) {
    throw new SseInvalidMessageError('data', 'could not be serialized (see the cause)', { cause });
  }
}
