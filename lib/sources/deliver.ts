import type { ReceivedMessage } from '../protocol/index.js';
import type { FailedDelivery } from './failed-delivery.js';
import { retryDelayMs } from './retry-delay.js';
import type { SourceHandler } from './source-handler.js';
import type { SourceLog } from './source-log.js';
import { pause } from './waiting.js';

/**
 * How it went with one handler and one message:
 * - `done`: the message is dealt with, by the handler or by what it has `onFailure`
 * - `stop`: it is not, and the source must not go on
 * - `interrupted`: it is not, because the application shuts down
 */
export type DeliveryOutcome = 'done' | 'stop' | 'interrupted';

export interface DeliveryServices {
  readonly log: SourceLog;
  readonly random: () => number;
}

/** Calls a handler until it succeeds, or has failed too often, or the signal is aborted. Never rejects. */
export async function deliver(
  handler: SourceHandler,
  message: ReceivedMessage,
  signal: AbortSignal,
  services: DeliveryServices,
): Promise<DeliveryOutcome> {
  const { log, random } = services;
  for (let attempt = 1; ; attempt++) {
    try {
      await handler.call(message, attempt, signal);
      return 'done';
    } catch (error) {
      const failed = { handler: handler.name, message, attempts: attempt, error };
      if (signal.aborted) {
        log.interrupted(failed);
        return 'interrupted';
      }
      if (attempt >= handler.attempts) return giveUp(handler, failed, signal, log);
      const delayMs = retryDelayMs(attempt, random);
      log.retrying(failed, delayMs);
      await pause(delayMs, signal);
      if (signal.aborted) return 'interrupted';
    }
  }
}

async function giveUp(
  { source, onFailure }: SourceHandler,
  failed: FailedDelivery,
  signal: AbortSignal,
  log: SourceLog,
): Promise<DeliveryOutcome> {
  if (onFailure === 'stop') {
    log.stopping(failed);
    return 'stop';
  }
  if (onFailure === 'skip') {
    log.skipped(failed);
    return 'done';
  }
  const { message, handler, attempts, error } = failed;
  try {
    await onFailure.deadLetter(message, { source, handler, attempts, error });
    log.deadLettered(failed);
    return 'done';
  } catch (cause) {
    log.deadLetterFailed(failed, cause);
    return signal.aborted ? 'interrupted' : 'stop';
  }
}
