import { EVENT_STREAM_HEADERS, formatMessage } from '../protocol/index.js';
import { MAX_TIMER_MS } from '../protocol/internal.js';
import type { HttpExchange } from './http-exchange.js';
import type { StreamSettings } from './stream-settings.js';

/** The head of a stream; the headers of its options win. */
export function openingHeaders(
  exchange: HttpExchange,
  { headers }: Pick<StreamSettings, 'headers'>,
): Readonly<Record<string, string | readonly string[]>> {
  return { ...EVENT_STREAM_HEADERS, ...exchange.connectionHeader('keep-alive'), ...headers };
}

/** When clients shall come back: spread upwards by as much as half, so that those of one moment do not all return at once. */
export function openingFrame({ retryMs }: Pick<StreamSettings, 'retryMs'>, random: number): string {
  if (retryMs === false) {
    return '';
  }
  return formatMessage({ retry: Math.min(Math.floor(retryMs * (1 + random / 2)), MAX_TIMER_MS) });
}
