import { askForRoom } from './room.js';

const ASK_AFTER_MS = 700;
const GIVE_AFTER_MS = 1500;
const GIVE_UP_AFTER_MS = 30_000;

/**
 * Posts, even when streams hold all connections that the browser opens to a server: first all tabs are asked to let go what
 * they can do without, then this one gives a connection of its own.
 *
 * @param {string} path
 * @param {object | undefined} body sent as JSON
 * @param {{ letGo(): void, goOn(): void }} spare a stream that can be resumed
 * @returns {Promise<Response>} rejects when nobody answers
 */
export async function post(path, body, spare) {
  const timers = [setTimeout(askForRoom, ASK_AFTER_MS), setTimeout(() => spare.letGo(), GIVE_AFTER_MS)];
  try {
    return await fetch(path, {
      method: 'POST',
      signal: AbortSignal.timeout(GIVE_UP_AFTER_MS),
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  } finally {
    timers.forEach(clearTimeout);
    spare.goOn();
  }
}
