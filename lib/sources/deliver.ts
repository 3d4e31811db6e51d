import type { Delivery } from './delivery.js';
import type { DeliveryOutcome } from './delivery-outcome.js';
import type { FailedDelivery } from './failed-delivery.js';
import { retryDelayMs } from './retry-delay.js';
import type { SourceHandler } from './source-handler.js';
import type { SourceLog } from './source-log.js';
import { pause } from './waiting.js';

export interface DeliveryServices {
  readonly log: SourceLog;
  readonly random: () => number;
}

/**
 * Calls a handler until it succeeds, or has failed too often, or the delivery is aborted. Never throws or rejects.
 *
 * @returns nothing when the handler was done at once
 */
export function deliver(
  handler: SourceHandler,
  delivery: Delivery,
  services: DeliveryServices,
): Promise<DeliveryOutcome> | undefined {
  try {
    return handler.call(delivery, 1)?.then(
      () => 'done',
      (error) => tryAgain(handler, delivery, services, error),
    );
  } catch (error) {
    return tryAgain(handler, delivery, services, error);
  }
}

async function tryAgain(
  handler: SourceHandler,
  delivery: Delivery,
  { log, random }: DeliveryServices,
  firstError: unknown,
): Promise<DeliveryOutcome> {
  let error = firstError;
  for (let attempts = 1; ; attempts++) {
    const failed = { handler: handler.name, message: delivery.message, attempts, error };
    if (delivery.isAborted) {
      log.interrupted(failed);
      return 'interrupted';
    }
    if (attempts >= handler.attempts) return giveUp(handler, failed, delivery, log);
    const delayMs = retryDelayMs(attempts, random);
    log.retrying(failed, delayMs);
    await pause(delayMs, delivery.signal);
    if (delivery.isAborted) return 'interrupted';
    try {
      await handler.call(delivery, attempts + 1);
      return 'done';
    } catch (next) {
      error = next;
    }
  }
}

async function giveUp(
  { source, onFailure }: SourceHandler,
  failed: FailedDelivery,
  delivery: Delivery,
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
    return delivery.isAborted ? 'interrupted' : 'stop';
  }
}
