import { clearTimeout, setImmediate, setTimeout } from 'node:timers';

/**
 * When the time is up, what has arrived by then is still looked at, which takes a client and a server of one process some
 * turns of the event loop: a machine that was busy elsewhere fails no test.
 */
const TURNS_OF_GRACE = 20;

/**
 * Calls back after so many milliseconds of real time, whatever has become of the clock that the application sees; 0 = never.
 *
 * @returns calls it off
 */
export function startLimit(limitMs: number, onOver: () => void): () => void {
  let isOff = limitMs === 0;
  const wait = (turns: number): void => {
    if (isOff) {
      return;
    }
    if (turns === 0) {
      onOver();
    } else {
      setImmediate(wait, turns - 1);
    }
  };
  const timer = isOff ? undefined : setTimeout(wait, limitMs, TURNS_OF_GRACE);
  return () => {
    isOff = true;
    clearTimeout(timer);
  };
}
