import { describe, expect, it } from '@jest/globals';
import { PublishQueue } from './publish-queue.js';
import { RedisKeys } from './redis-keys.js';
import type { RedisLink } from './redis-link.js';

const PLACEMENT = {
  channel: 'a',
  entry: '\ndata: 1\n\n',
  bytes: 10,
  limits: { events: 10, ageMs: 1000 },
  tombstoneMs: undefined,
};

/** A queue whose every attempt ends with the next of these. */
function queueWith(...ends: readonly string[]): PublishQueue {
  const left = [...ends];
  const link = {
    whenReady: async () => {},
    send: async () => {
      throw new Error(left.shift());
    },
    reconnect() {},
  } as unknown as RedisLink;
  return new PublishQueue({ link, keys: new RedisKeys('p'), timeoutMs: 0, maxPendingBytes: 1000, known: () => 0 });
}

describe('a message that Redis refuses', () => {
  it('was not placed when that is all that it has said', async () => {
    const queue = queueWith('OOM command not allowed');
    await expect(queue.place(PLACEMENT)).rejects.toMatchObject({ reason: 'refused', mayHaveBeenPlaced: false });
  });

  it('may have been placed by an earlier attempt that had no answer', async () => {
    const queue = queueWith('Connection is closed.', 'OOM command not allowed');
    await expect(queue.place(PLACEMENT)).rejects.toMatchObject({ reason: 'refused', mayHaveBeenPlaced: true });
  });
});
