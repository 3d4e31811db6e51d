import { isUtf8 } from 'node:buffer';

/** What Node lets into a header value, less a space or tab at its ends, which every receiver would strip. */
const SENDABLE = /^(?![\t ])[\t\x20-\x7e\x80-\xff]+(?<![\t ])$/;

/**
 * An id as the value of a `Last-Event-ID` header for Node: its UTF-8 bytes, each as one character. WHATWG HTML,
 * section 9.2.4.
 *
 * @returns `undefined` when no header must be sent: for the empty id, and for one that would not arrive as it is (control
 * characters, a space at either end, a lone surrogate). Keep the id nevertheless.
 */
export function encodeLastEventId(id: string): string | undefined {
  if (!id.isWellFormed()) return undefined;
  const value = Buffer.from(id, 'utf8').toString('latin1');
  return SENDABLE.test(value) ? value : undefined;
}

/**
 * The id in a `Last-Event-ID` header as Node gives it, the inverse of {@link encodeLastEventId}. A value that is no UTF-8
 * is returned as it came. The client wrote it: bound its length, and parse it strictly.
 */
export function decodeLastEventId(header: string): string {
  const bytes = Buffer.from(header, 'latin1');
  return isUtf8(bytes) && bytes.toString('latin1') === header ? bytes.toString('utf8') : header;
}

/**
 * The id with which a server of this package tells a stream that a newer one of the same user has taken its place. The next
 * request brings it back, and gets 204; it is no position, so it is nothing to begin with later.
 */
export const REPLACED_ID = '~replaced';
