import { formatMessage, type SseMessage, type SseOptionProblem } from '../protocol/index.js';
import { describe, durationMs, findOptionProblems, isObject, type OptionRules, ofType } from '../protocol/internal.js';
import type { SseReauthorizeOptions } from './reauthorize-options.js';

const RULES: OptionRules<SseReauthorizeOptions> = {
  everyMs: durationMs({ min: 1000 }),
  guards,
  until: ofType('function'),
  warnMs: durationMs(),
  warning,
};

/** Options that would do nothing are problems: whoever has written them relies on them. */
export function findReauthorizeProblems(reauthorize: unknown): SseOptionProblem[] {
  if (reauthorize === undefined || reauthorize === false) {
    return [];
  }
  const problems = findOptionProblems(reauthorize, RULES, 'reauthorize.');
  if (!isObject(reauthorize)) {
    return problems;
  }
  const options = reauthorize as SseReauthorizeOptions;
  const add = (option: string, problem: string) => problems.push({ option, problem });
  if (options.guards === undefined && options.until === undefined) {
    add('reauthorize', "must have 'guards' or 'until', else it does nothing");
  }
  if (options.guards === undefined && options.everyMs !== undefined) {
    add('reauthorize.everyMs', "does nothing without 'guards'");
  }
  for (const name of ['warnMs', 'warning'] as const) {
    if (options.until === undefined && options[name] !== undefined) {
      add(`reauthorize.${name}`, "does nothing without 'until'");
    }
  }
  return problems;
}

function guards(value: unknown): string | undefined {
  if (!Array.isArray(value) || value.length === 0) {
    return `must be a list of guards, got ${Array.isArray(value) ? 'an empty one' : describe(value)}`;
  }
  const strange = value.findIndex((guard) => !isClass(guard) && typeof guard?.canActivate !== 'function');
  return strange < 0
    ? undefined
    : `must be classes or instances with canActivate(), number ${strange + 1} is ${describe(value[strange])}`;
}

function isClass(value: unknown): boolean {
  return typeof value === 'function' && value.prototype !== undefined;
}

function warning(value: unknown): string | undefined {
  try {
    formatMessage(value as SseMessage);
  } catch (error) {
    return `must be a message that can be sent: ${(error as Error).message}`;
  }
  const { id } = value as SseMessage;
  return id === undefined ? undefined : 'must have no id: the client would come back with it, and miss what was before';
}
