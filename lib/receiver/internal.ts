// For the other rooms of this package; not part of what it exports.

export { fencedOff, unreadable } from './cursor.error.js';
export { type HeaderMap, readHeaders } from './request-headers.js';
