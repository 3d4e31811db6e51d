import { EVENT_STREAM_HEADERS, formatMessage } from '../protocol/index.js';
import { SseCapacityException } from './capacity.exception.js';
import type { HttpExchange } from './http-exchange.js';
import { reconnectDelayMs, type ShutdownSettings } from './shutdown.js';
import type { StreamSettings } from './stream-settings.js';

/**
 * Turns a new stream away while the application closes. A browser never comes back after any status but 200 (WHATWG HTML
 * 9.2.3), so by default it gets an empty stream and the time at which to try again, by then from another instance.
 *
 * @throws SseCapacityException with `refuseWith: 'status'`
 */
export function refuseStream(
  exchange: HttpExchange,
  settings: StreamSettings,
  shutdown: ShutdownSettings,
  random: () => number,
): void {
  const retryMs = reconnectDelayMs(settings.retryMs, shutdown, random);
  if (shutdown.refuseWith === 'status') {
    const seconds = Math.max(1, Math.ceil(retryMs / 1000));
    exchange.setHeader('Retry-After', String(seconds));
    throw new SseCapacityException(503, 'The server is shutting down, try again on another instance', seconds);
  }
  const headers = { ...EVENT_STREAM_HEADERS, ...settings.headers, ...exchange.connectionHeader('close') };
  exchange.answer(200, headers, formatMessage({ retry: retryMs }));
}
