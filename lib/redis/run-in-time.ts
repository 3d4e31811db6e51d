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
 * @returns its reply
 * @throws Error after `timeoutMs` at the latest; the script may have run by then, or may still
 */
export async function runInTime(link: RedisLink, call: ScriptCall, timeoutMs: number): Promise<unknown> {
  const aborter = new AbortController();
  let isSent = false;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`Redis gave no ${isSent ? 'answer' : 'connection'} within ${timeoutMs} ms`);
      reject(error);
      aborter.abort(error);
      if (isSent) link.reconnect();
    }, timeoutMs);
  });
  const run = async () => {
    await link.whenReady(aborter.signal);
    isSent = true;
    return call.script.run(link, call.keys, call.args);
  };
  try {
    return await Promise.race([run(), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
