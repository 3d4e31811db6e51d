import { setImmediate } from 'node:timers/promises';
import type { SsePusher } from '../../../lib/index.js';

/** Data that fills a socket soon without being the size of a write. */
export const BLOCK = 'x'.repeat(16_000);

/** Far more than a loopback connection holds by itself. */
const ENOUGH_BLOCKS = 5000;

export interface Filled {
  /** The push that waits for the peer. */
  readonly waiting: Promise<boolean>;
  /** How many pushes were accepted, the one that waits among them. */
  readonly accepted: number;
}

/** Pushes blocks to a peer that has stopped reading, until a push has to wait for it. */
export async function fill(pusher: SsePusher, makeBlock = () => BLOCK): Promise<Filled> {
  for (let accepted = 1; accepted <= ENOUGH_BLOCKS; accepted++) {
    const waiting = pusher.push(makeBlock());
    if (await isPending(waiting)) {
      return { waiting, accepted };
    }
  }
  throw new Error(`The peer took ${ENOUGH_BLOCKS} blocks without being read from`);
}

/** Whether a promise is still unsettled after a few turns of the event loop. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const later = async () => {
    for (let turn = 0; turn < 3; turn++) {
      await setImmediate();
    }
    return later;
  };
  return (await Promise.race([promise, later()])) === later;
}
