import { SseOptionsError } from '../protocol/index.js';
import { count, describe, isObject, type OptionRules, ofType } from '../protocol/internal.js';
import type { SseStreamFilter } from './stream-filter.js';

export const STREAM_FILTER_RULES: OptionRules<SseStreamFilter> = {
  id: count({ min: 1 }),
  route: ofType('string'),
  keys: (value) =>
    isObject(value) && Object.values(value).every((key) => typeof key === 'string' || typeof key === 'number')
      ? undefined
      : `must be an object of strings and numbers, got ${describe(value)}`,
};

/** Whether a filter says nothing, and so would mean every stream. */
export function meansAll({ id, route, keys = {} }: SseStreamFilter): boolean {
  return id === undefined && route === undefined && Object.keys(keys).length === 0;
}

/**
 * For what changes streams: a filter whose one value turned out to be `undefined` would be all of them.
 *
 * @throws SseOptionsError for a filter that means every stream
 */
export function assertMeansSome(filter: SseStreamFilter): void {
  if (meansAll(filter)) {
    const problem = "means every stream: give an id, a route or a key, or say 'all'";
    throw new SseOptionsError([{ option: 'filter', problem }]);
  }
}
