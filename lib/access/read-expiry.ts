import { SseOptionsError } from '../protocol/index.js';
import { describe } from '../protocol/internal.js';

/** Milliseconds since 1970 of a day in 1973; a number below it counts seconds, which reach it in the year 5138. */
const LEAST_MS = 1e11;

/**
 * What `reauthorize.until` has given, in milliseconds since 1970.
 *
 * @throws SseOptionsError for what is no time, or one in seconds: taken as it is, it would be over since 1970
 */
export function readExpiry(given: unknown): number | undefined {
  if (given === undefined || given === null) {
    return undefined;
  }
  const time = given instanceof Date ? given.getTime() : given;
  if (typeof time !== 'number' || Number.isNaN(time)) {
    const what = given instanceof Date ? 'an invalid one' : describe(given);
    throw unusable(`must return a Date, or milliseconds since 1970, returned ${what}`);
  }
  if (typeof given === 'number' && time > 1e9 && time < LEAST_MS) {
    throw unusable(`must return milliseconds since 1970, returned ${time}, which looks like seconds: multiply by 1000`);
  }
  return time;
}

function unusable(problem: string): SseOptionsError {
  return new SseOptionsError([{ option: 'reauthorize.until', problem }]);
}
