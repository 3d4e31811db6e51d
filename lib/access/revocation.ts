import type { SseOptionProblem } from '../protocol/index.js';
import { assertOptions, findOptionProblems, isObject, type OptionRules } from '../protocol/internal.js';
import { meansAll, STREAM_FILTER_RULES } from './check-stream-filter.js';
import type { SseStreamFilter } from './stream-filter.js';

/** What instances tell each other: whose streams are over. */
export interface Revocation {
  /** A name that no other instance has. */
  readonly from: string;
  readonly filter: Pick<SseStreamFilter, 'route' | 'keys'>;
}

const FILTER_RULES: OptionRules<SseStreamFilter> = {
  ...STREAM_FILTER_RULES,
  // Each of them is looked at by itself, below.
  keys: (value) => (isObject(value) ? undefined : 'must be an object of names and values'),
};

/** So that instances of a later version may say more, and those of this one know that they do not understand it. */
const VERSION = 1;

/**
 * @throws SseOptionsError for what is no filter, or one that would match what nobody has thought of: one that is empty, or
 * whose user is `undefined`
 */
export function checkRevocable(filter: SseStreamFilter): SseStreamFilter {
  const problems = [...findOptionProblems(filter, FILTER_RULES), ...findKeyProblems(filter?.keys)];
  if (problems.length === 0 && meansAll(filter)) {
    problems.push({ option: 'options', problem: 'must name an id, a route or keys: nothing would match all streams' });
  }
  assertOptions(problems);
  return filter;
}

/** As text, without what only means something in this process. */
export function formatRevocation({ from, filter: { route, keys } }: Revocation): string {
  return JSON.stringify({ v: VERSION, from, route, keys });
}

/** @returns nothing for what no instance of this version can have said */
export function parseRevocation(text: string): Revocation | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { v, from, ...filter } = (isObject(parsed) ? parsed : {}) as Record<string, unknown>;
  if (v !== VERSION || typeof from !== 'string' || 'id' in filter) {
    return undefined;
  }
  try {
    return { from, filter: checkRevocable(filter) };
  } catch {
    return undefined;
  }
}

function findKeyProblems(keys: unknown): SseOptionProblem[] {
  if (!isObject(keys)) {
    return [];
  }
  return Object.entries(keys)
    .filter(([, value]) => typeof value !== 'string' && !Number.isFinite(value))
    .map(([name, value]) => {
      return {
        option: `keys.${name}`,
        problem: `must be a string or a number, is ${value === null ? null : typeof value}`,
      };
    });
}
