import { formatMessage, type SseMessage } from '../protocol/index.js';
import type { SseStreamOptions } from './stream-options.js';

type Defaulted =
  | 'pingMs'
  | 'retryMs'
  | 'headers'
  | 'onEnd'
  | 'maxBufferedBytes'
  | 'writeTimeoutMs'
  | 'maxAgeMs'
  | 'maxLastEventIdBytes'
  | 'requireAccept'
  | 'directWrites';

/** Stream options as a stream uses them: defaults filled in, the ping formatted once. */
export interface StreamSettings
  extends Omit<SseStreamOptions, 'ping' | Defaulted>,
    Required<Pick<SseStreamOptions, Defaulted>> {
  readonly pingFrame: string;
}

export const STREAM_DEFAULTS: StreamSettings = Object.freeze({
  pingMs: 15_000,
  pingFrame: formatMessage({ comment: 'ping' }),
  retryMs: 2000,
  headers: Object.freeze({}),
  onEnd: 'reconnect',
  maxBufferedBytes: 1024 * 1024,
  writeTimeoutMs: 30_000,
  maxAgeMs: 0,
  maxLastEventIdBytes: 1024,
  requireAccept: false,
  directWrites: process.env['NEST_EVENT_STREAM_DIRECT_WRITES'] !== 'off',
});

/** Lays what is given over the defaults; what is `undefined` is not given. */
export function withDefaults<Settings extends object>(defaults: Settings, given: Partial<Settings> = {}): Settings {
  return { ...defaults, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

/** Lays options over settings; headers are merged. */
export function mergeStreamOptions(settings: StreamSettings, options: SseStreamOptions = {}): StreamSettings {
  const { ping, headers, ...others } = options;
  return {
    ...withDefaults(settings, others),
    pingFrame: ping === undefined ? settings.pingFrame : formatMessage(ping as SseMessage),
    headers: { ...settings.headers, ...headers },
  };
}
