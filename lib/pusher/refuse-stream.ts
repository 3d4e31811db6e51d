import { EVENT_STREAM_HEADERS, formatMessage } from '../protocol/index.js';
import { SseCapacityException } from './capacity.exception.js';
import type { HttpExchange } from './http-exchange.js';
import type { Refusable } from './refusable.js';
import { reconnectDelayMs, type ShutdownSettings } from './shutdown.js';
import type { StreamRefusal } from './stream-gate.js';
import type { StreamSettings } from './stream-settings.js';

/**
 * Turns a new stream away, for which this is not the time. A browser never comes back after any status but 200 (WHATWG HTML
 * 9.2.3), so by default it gets an empty stream and the time at which to try again, by then from another instance, or
 * from one that works again.
 *
 * @throws SseCapacityException with `refuseWith: 'status'`
 */
export function refuseStream(
  exchange: HttpExchange,
  settings: StreamSettings,
  { status, why, refuseWith }: StreamRefusal,
  shutdown: ShutdownSettings,
  random: () => number,
): void {
  const retryMs = reconnectDelayMs(settings.retryMs, shutdown, random);
  if (refuseWith === 'status') {
    const seconds = Math.max(1, Math.ceil(retryMs / 1000));
    exchange.setHeader('Retry-After', String(seconds));
    throw new SseCapacityException(status, why, seconds);
  }
  const headers = { ...EVENT_STREAM_HEADERS, ...settings.headers, ...exchange.connectionHeader('close') };
  exchange.answer(200, headers, formatMessage({ retry: retryMs }));
}

/**
 * Turns a stream away for which what it was to send cannot be had now: as a new one if nothing was committed yet, else with
 * the time at which to come back.
 *
 * @throws SseCapacityException with `refuseWith: 'status'`, unless the stream has opened
 */
export function turnAway(stream: Refusable, shutdown: ShutdownSettings, random: () => number, why: string): void {
  if (stream.state === 'pending' && !stream.exchange.answered) {
    const refusal = { status: 503, why, refuseWith: shutdown.refuseWith } as const;
    refuseStream(stream.exchange, stream.settings, refusal, shutdown, random);
    stream.abandon();
  } else {
    stream.end('error', [formatMessage({ retry: reconnectDelayMs(stream.settings.retryMs, shutdown, random) })]);
  }
}
