/**
 * The headers of an event stream: its type, no caching, no compressing on the way, and no holding back by nginx and its
 * like.
 */
export const EVENT_STREAM_HEADERS = Object.freeze({
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
});

/**
 * Whether a `Content-Type` means an event stream: its essence counts, not its parameters. WHATWG HTML, section 9.2.3;
 * WHATWG MIME Sniffing, section 4.4.
 */
export function isEventStream(contentType: string | null | undefined): boolean {
  return typeof contentType === 'string' && /^[\t\n\r ]*text\/event-stream[\t\n\r ]*(?:;|$)/i.test(contentType);
}
