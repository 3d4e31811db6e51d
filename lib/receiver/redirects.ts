import type { IncomingHttpHeaders } from 'node:http';
import type { HeaderMap } from './request-headers.js';

/** The parts of a request that a redirect may change. */
export interface RedirectableRequest {
  readonly url: URL;
  readonly method: string;
  readonly callersHeaders: HeaderMap;
  readonly body?: string | Uint8Array;
  /** Whether the server chose the origin, not the caller: nothing of the caller's identity goes there. */
  readonly isForeign?: boolean;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Whether a status asks the client to go elsewhere. */
export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

/**
 * Follows the redirects of one connection, and knows when not to (WHATWG Fetch, HTTP-redirect fetch; stricter where
 * that protects the caller): http(s) only, never from https to http, no loops, no more than so many; everything that
 * the caller put into the headers stays with the origin that it was meant for.
 */
export class RedirectTrail {
  private readonly seen = new Set<string>();

  constructor(private readonly maxRedirects: number) {}

  /** The request to make instead of one that was redirected, or why it must not be made. */
  follow(request: RedirectableRequest, status: number, headers: IncomingHttpHeaders): RedirectableRequest | string {
    this.seen.add(keyOf(request));
    const { location } = headers;
    if (location === undefined) return 'without a Location';
    if (!URL.canParse(location, request.url.href)) return 'to a Location that is no URL';
    const url = new URL(location, request.url.href);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return `to ${url.protocol}, which is not followed`;
    if (request.url.protocol === 'https:' && url.protocol === 'http:')
      return 'from https to http, which is not followed';
    const next = redirected(request, status, url);
    if (!next) return 'of a request with a body to another origin, which is not followed';
    if (this.seen.has(keyOf(next))) return 'in a circle';
    if (this.seen.size > this.maxRedirects) return `more than ${this.maxRedirects} times, the limit`;
    return next;
  }
}

function redirected(request: RedirectableRequest, status: number, url: URL): RedirectableRequest | undefined {
  // Credentials in a Location are the server's invention; a fragment is not part of a request.
  url.username = '';
  url.password = '';
  url.hash = '';
  const crosses = url.origin !== request.url.origin;
  const toGet = status === 303 || ((status === 301 || status === 302) && request.method === 'POST');
  if (!toGet && crosses && request.body !== undefined) {
    return undefined;
  }
  const callersHeaders = crosses ? new Map() : request.callersHeaders;
  const target = { url, isForeign: crosses || request.isForeign === true };
  return toGet
    ? { ...target, method: 'GET', callersHeaders: withoutContent(callersHeaders) }
    : { ...request, ...target, callersHeaders };
}

function withoutContent(headers: HeaderMap): HeaderMap {
  return new Map([...headers].filter(([name]) => !name.startsWith('content-')));
}

function keyOf({ method, url }: RedirectableRequest): string {
  return `${method} ${url.href}`;
}
