import { SseOptionsError } from '../protocol/index.js';

/** Refuses a way of consuming that cannot go with a cursor store. */
export function refuseUntold(what: string): never {
  const problem = `cannot be used with ${what}, which does not tell when a message is finished; use for await, process() or concatMap()`;
  throw new SseOptionsError([{ option: 'cursorStore', problem }]);
}
