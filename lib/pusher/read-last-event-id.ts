import { decodeLastEventId } from '../protocol/index.js';

/** Characters that no id can hold (WHATWG HTML 9.2.6), so whoever sends them made the id up. */
const IMPOSSIBLE = /[\0\r\n]/;

/** The part of a request that is read here; Express, Fastify, node http and http2 all have it. */
export interface LastEventIdSource {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly url?: string | undefined;
}

/**
 * The id of the last event that a client has seen: the `Last-Event-ID` header, else the query parameter `lastEventId`
 * for clients that cannot set headers. It is whatever the peer likes to send, so it is bounded: one that is longer than
 * `maxBytes`, or holds what no id can hold, counts as absent.
 */
export function readLastEventId(request: LastEventIdSource, maxBytes: number): string | undefined {
  const header = request.headers['last-event-id'];
  const id = typeof header === 'string' ? decodeHeader(header, maxBytes) : queryParameter(request.url);
  return id && Buffer.byteLength(id) <= maxBytes && !IMPOSSIBLE.test(id) ? id : undefined;
}

/** Whether a client says that it comes back, even with an id that {@link readLastEventId} does not take. */
export function claimsLastEventId(request: LastEventIdSource): boolean {
  return Boolean(request.headers['last-event-id'] || queryParameter(request.url));
}

function decodeHeader(header: string, maxBytes: number): string | undefined {
  return header.length <= maxBytes ? decodeLastEventId(header) : undefined;
}

function queryParameter(url: string | undefined): string | undefined {
  const start = url?.indexOf('?') ?? -1;
  return start < 0 ? undefined : (new URLSearchParams(url!.slice(start)).get('lastEventId') ?? undefined);
}
