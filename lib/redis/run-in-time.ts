import { orAborted } from './persist.js';
import type { RedisLink } from './redis-link.js';
import type { RedisScript } from './redis-script.js';

/** A script with what it works on. */
export interface ScriptCall {
  readonly script: RedisScript;
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

/**
 * Runs a script as soon as there is a connection.
 *
 * @param signal aborted when nobody wants the reply any more: nothing is left then that keeps the process alive
 * @returns its reply
 * @throws Error after `timeoutMs` at the latest, and `signal.reason`; the script may have run by then, or may still
 */
export async function runInTime(
  link: RedisLink,
  call: ScriptCall,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<unknown> {
  const aborter = new AbortController();
  const giveUp = () => aborter.abort(signal?.reason);
  let isSent = false;
  const timer = setTimeout(() => {
    aborter.abort(new Error(`Redis gave no ${isSent ? 'answer' : 'connection'} within ${timeoutMs} ms`));
    if (isSent) link.reconnect();
  }, timeoutMs);
  signal?.addEventListener('abort', giveUp, { once: true });
  if (signal?.aborted) giveUp();
  const run = async () => {
    await link.whenReady(aborter.signal);
    isSent = true;
    return call.script.run(link, call.keys, call.args);
  };
  try {
    return await orAborted(run(), aborter.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}
