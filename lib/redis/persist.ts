import { setTimeout as delay } from 'node:timers/promises';
import type { RedisLink } from './redis-link.js';

/** Milliseconds between two attempts while the server says that it cannot just now. */
const PAUSE_MS = 50;

/**
 * What a server says that loads its data, is a replica yet, or runs a long script, and what a script says that has to wait for
 * another call: soon it may be otherwise.
 */
const PASSING = /^(EARLY|LOADING|READONLY|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS) /;

/** Errors of the server begin with a word in capitals, those of clients and sockets with a sentence. */
const FROM_SERVER = /^[A-Z][A-Z0-9]+ /;

/** Whether it was the server that said no: then nothing was done. */
export function isAnswer(error: unknown): boolean {
  return FROM_SERVER.test((error as Error).message);
}

/** Whether it was the server that said no, and would again. */
export function isRefusal(error: unknown): boolean {
  return isAnswer(error) && !PASSING.test((error as Error).message);
}

/**
 * Tries until there is an answer. What is tried may take effect more than once: it must be a thing that can.
 *
 * @throws what the server refuses with, and `signal.reason` when that was aborted, even in the middle of an attempt
 */
export async function persist<T>(link: RedisLink, attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    await link.whenReady(signal);
    try {
      return await orAborted(attempt(), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (isRefusal(error)) {
        throw error;
      }
      await delay(PAUSE_MS, undefined, { signal });
    }
  }
}

/** Settles with the promise, or rejects with the signal's reason, whichever is first. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) {
      abort();
    }
  });
}
