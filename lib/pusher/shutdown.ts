import { formatMessage } from '../protocol/index.js';
import { MAX_TIMER_MS } from '../protocol/internal.js';
import type { ManagedStream } from './managed-stream.js';
import type { StreamLedger } from './stream-ledger.js';

/** What the module option `shutdown` holds. */
export interface SseShutdownOptions {
  /**
   * Milliseconds over which the clients of this instance are asked to spread their reconnects, so that a deploy does not
   * send all of them at once to the next one. Default 5000.
   */
  spreadMs?: number;
  /**
   * What a request for a new stream gets while the application closes, and while the backplane of its channels is away.
   * `'reconnect'`: 200, a jittered `retry:` and an end, after which EventSource comes back by itself; `'status'`: 503 with
   * `Retry-After`, after which it never does. Default `'reconnect'`.
   */
  refuseWith?: 'reconnect' | 'status';
  /** Milliseconds that slow peers get to read what still waits for them, before they are cut off. Default 3000. */
  deadlineMs?: number;
}

export type ShutdownSettings = Required<SseShutdownOptions>;

export const SHUTDOWN_DEFAULTS: ShutdownSettings = Object.freeze({
  spreadMs: 5000,
  refuseWith: 'reconnect',
  deadlineMs: 3000,
});

/**
 * Ends every stream: its client is told when to come back, what waits for it is written, and its connection is let go, so
 * that the server can close. Resolves when all are gone, at the latest a moment after `deadlineMs`.
 */
export async function drainStreams(
  ledger: StreamLedger,
  settings: ShutdownSettings,
  random: () => number,
): Promise<void> {
  const streams = ledger.unfinished();
  if (streams.length === 0) {
    return;
  }
  for (const stream of streams) {
    stream.end('shutdown', [formatMessage({ retry: reconnectDelayMs(stream.settings.retryMs, settings, random) })]);
  }
  const allGone = Promise.all(streams.map((stream) => stream.gone().then(() => stream.closeConnection())));
  let deadline: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    deadline = setTimeout(() => {
      cutOff(streams);
      resolve();
    }, settings.deadlineMs);
  });
  await Promise.race([allGone, late]);
  clearTimeout(deadline);
}

/** A delay of its own for each client: at least what the stream would have asked for, spread over `spreadMs`. */
export function reconnectDelayMs(retryMs: number | false, settings: ShutdownSettings, random: () => number): number {
  return Math.min(Math.floor((retryMs || 0) + random() * settings.spreadMs), MAX_TIMER_MS);
}

function cutOff(streams: readonly ManagedStream[]): void {
  for (const stream of streams) {
    if (!stream.isGone) {
      stream.destroy('shutdown');
    }
  }
}
