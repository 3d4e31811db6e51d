import { cookieTag } from './ticket-secrets.js';

/**
 * How many cookies a browser keeps for one path. Each page that asks for a ticket has one of its own, so that tabs do not
 * take each other's; without a bound they would one day make a head that no server takes.
 */
const MAX_COOKIES = 16;
const OURS = /^(?:__Secure-)?sse-[\w-]{16}$/;

/** What is set for the stream of one ticket. */
export interface CookieParts {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  /** For how many milliseconds the browser keeps it; 0 has it forgotten. */
  readonly maxAgeMs: number;
  readonly secure: boolean;
}

/** `__Host-` would say more, but not on a path (RFC 6265bis 4.1.3.2). */
export function cookieName(ticket: string, secure: boolean): string {
  return `${secure ? '__Secure-' : ''}sse-${cookieTag(ticket)}`;
}

/** As the value of `Set-Cookie`. */
export function formatCookie({ name, value, path, maxAgeMs, secure }: CookieParts): string {
  const age = Math.floor(maxAgeMs / 1000);
  return `${name}=${value}; Path=${path}; Max-Age=${age}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}

/** The value of the cookie of that name. Of two by one name somebody else has set one, so neither counts. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const values = pairsOf(header).filter(([each]) => each === name);
  return values.length === 1 ? values[0]![1] : undefined;
}

/** Those to forget when one more is set. Browsers send the oldest first (RFC 6265bis 5.8.3). */
export function surplusCookies(header: string | undefined): string[] {
  const names = pairsOf(header).flatMap(([name]) => (OURS.test(name) ? [name] : []));
  return names.slice(0, Math.max(0, names.length - MAX_COOKIES + 1));
}

function pairsOf(header = ''): [name: string, value: string][] {
  return header.split(';').flatMap((pair): [string, string][] => {
    const end = pair.indexOf('=');
    return end < 0 ? [] : [[pair.slice(0, end).trim(), pair.slice(end + 1).trim()]];
  });
}
