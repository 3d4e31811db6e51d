import { encodeLastEventId } from '../protocol/index.js';
import type { OpenStreamInit } from './open-stream-init.js';

/** A request as node's `http.request()` takes it. */
export interface RequestParts {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
}

export function requestParts({ method, headers, body, lastEventId }: OpenStreamInit): RequestParts {
  const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
  const id = lastEventId === undefined ? undefined : encodeLastEventId(lastEventId);
  return {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      accept: 'text/event-stream',
      ...(isRaw ? {} : { 'content-type': 'application/json' }),
      ...(id === undefined ? {} : { 'last-event-id': id }),
      ...lowerCased(headers ?? {}),
    },
    body: isRaw ? body : JSON.stringify(body),
  };
}

/** So that what is given replaces what is sent by default, however it is written. */
function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
