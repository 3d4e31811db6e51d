import type { IncomingHttpHeaders } from 'node:http';
import type { Transform, TransformOptions } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';

/** A content coding that can be undone. RFC 9110, section 8.4.1. */
export type ContentCoding = 'gzip' | 'deflate' | 'br';

const CODINGS: ReadonlyMap<string, ContentCoding> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
]);

/** The low half of the first byte of the zlib format, RFC 1950. A raw deflate block never begins so. */
const ZLIB_METHOD = 8;

/**
 * With room for a single chunk: zlib works on only when that one is taken, so nothing piles up, and an error, at which
 * Node drops what is not taken yet, never meets any.
 */
const ROOM: TransformOptions = { readableHighWaterMark: 1 };

/** The one coding that a response is in; undefined when it is in none, in an unknown one or in several. */
export function contentCodingOf(headers: IncomingHttpHeaders): ContentCoding | undefined {
  return CODINGS.get(headers['content-encoding']?.trim().toLowerCase() ?? '');
}

/** A stream that undoes a coding; it gives out at once whatever the bytes so far tell. */
export function createDecoder(coding: ContentCoding, firstByte: number): Transform {
  if (coding === 'br') return createBrotliDecompress({ ...ROOM, flush: constants.BROTLI_OPERATION_FLUSH });
  const options = { ...ROOM, flush: constants.Z_SYNC_FLUSH };
  if (coding === 'gzip') return createGunzip(options);
  // Servers disagree on what deflate means: with the frame of zlib, as the standard says, or without.
  return (firstByte & 0x0f) === ZLIB_METHOD ? createInflate(options) : createInflateRaw(options);
}
