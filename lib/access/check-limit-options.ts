import { formatMessage, type SseOptionProblem } from '../protocol/index.js';
import {
  count,
  describe,
  durationMs,
  findOptionProblems,
  isObject,
  type OptionRule,
  type OptionRules,
  oneOf,
} from '../protocol/internal.js';
import type { SseKeyLimit, SseLimitOptions, SseShedOptions } from './limit-options.js';

const refuseWith = oneOf('status', 'reconnect');
const most = count({ min: 1 });

const LIMIT_RULES: OptionRules<SseLimitOptions> = {
  maxStreams: most,
  // These have rules of their own.
  per: () => undefined,
  shed: () => undefined,
  refuseWith,
  replacedEvent: eventName,
};

const KEY_RULES: OptionRules<SseKeyLimit> = { max: most, onFull: oneOf('refuse', 'replace-oldest') };

const SHED_RULES: OptionRules<SseShedOptions> = {
  maxEventLoopDelayMs: durationMs({ min: 1 }),
  maxHeapUsedRatio: ratio,
  refuseWith,
};

/** @param hasKeys whether the module says whose streams are; without, a limit per key would silently limit nobody */
export function findLimitProblems(limits: unknown, hasKeys: boolean): SseOptionProblem[] {
  const problems = findOptionProblems(limits, LIMIT_RULES, 'limits.');
  const { per = {}, shed = {} } = (limits ?? {}) as SseLimitOptions;
  problems.push(...findOptionProblems(shed, SHED_RULES, 'limits.shed.'));
  if (!isObject(per)) {
    return [...problems, { option: 'limits.per', problem: `must be an object, got ${describe(per)}` }];
  }
  if (!hasKeys && Object.keys(per).length > 0) {
    problems.push({ option: 'limits.per', problem: "needs the module's option 'keys', which says whose a stream is" });
  }
  return [...problems, ...Object.entries(per).flatMap(([key, limit]) => findKeyProblems(`limits.per.${key}`, limit))];
}

function findKeyProblems(option: string, limit: unknown): SseOptionProblem[] {
  if (!isObject(limit)) {
    const problem = most(limit);
    return problem ? [{ option, problem: `${problem}, or an object with max` }] : [];
  }
  const problems = findOptionProblems(limit, KEY_RULES, `${option}.`);
  return (limit as SseKeyLimit).max === undefined
    ? [...problems, { option: `${option}.max`, problem: 'must be given' }]
    : problems;
}

function ratio(value: unknown): ReturnType<OptionRule> {
  return typeof value === 'number' && value > 0 && value <= 1
    ? undefined
    : `must be a number over 0, and 1 at most, got ${describe(value)}`;
}

function eventName(value: unknown): ReturnType<OptionRule> {
  if (typeof value !== 'string' || value === '' || value === 'error') {
    return "must be the name of an event, and not 'error', which EventSource fires itself";
  }
  try {
    formatMessage({ event: value });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
