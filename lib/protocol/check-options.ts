import { type SseOptionProblem, SseOptionsError } from './options.error.js';

/** Says what is wrong with a value, or nothing when it is fine. An option that is `undefined` is never asked about. */
export type OptionRule = (value: unknown) => string | undefined;

/** One rule for each option that exists: whatever is not in the table is an unknown option. */
export type OptionRules<Options extends object> = { readonly [Name in keyof Required<Options>]: OptionRule };

/** Longest delay that Node's timers take; a longer one would fire at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Names every problem of an options object: values that break their rule, and keys that no rule knows.
 *
 * @param path put before each option's name, such as `shutdown.`
 */
export function findOptionProblems<Options extends object>(
  options: unknown,
  rules: OptionRules<Options>,
  path = '',
): SseOptionProblem[] {
  if (!isObject(options)) {
    return [{ option: path.replace(/\.$/, '') || 'options', problem: `must be an object, got ${describe(options)}` }];
  }
  const known: Record<string, OptionRule> = rules;
  return Object.entries(options).flatMap(([name, value]) => {
    const rule = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!rule) {
      return [{ option: path + name, problem: `is not an option; known are ${Object.keys(known).join(', ')}` }];
    }
    const problem = value === undefined ? undefined : rule(value);
    return problem ? [{ option: path + name, problem }] : [];
  });
}

/** Throws one {@link SseOptionsError} that names all the problems, if there are any. */
export function assertOptions(problems: readonly SseOptionProblem[]): void {
  if (problems.length > 0) {
    throw new SseOptionsError(problems);
  }
}

/** A time that a timer can wait for. */
export function durationMs({ min = 0 } = {}): OptionRule {
  return numberRule(`a number of milliseconds from ${min} to ${MAX_TIMER_MS}`, (value) => {
    return value >= min && value <= MAX_TIMER_MS;
  });
}

/** A whole number of things or bytes. */
export function count({ min = 0 } = {}): OptionRule {
  return numberRule(`a whole number ≥ ${min}`, (value) => Number.isSafeInteger(value) && value >= min);
}

/** One of a few literal values. */
export function oneOf(...values: readonly unknown[]): OptionRule {
  const expected = values.map((value) => JSON.stringify(value)).join(' or ');
  return (value) => (values.includes(value) ? undefined : `must be ${expected}, got ${describe(value)}`);
}

/** A value of one JavaScript type. */
export function ofType(type: 'function' | 'string' | 'boolean'): OptionRule {
  return (value) => (typeof value === type ? undefined : `must be a ${type}, got ${describe(value)}`);
}

/** A value that one of several rules accepts; the problem of the first is told. */
export function either(first: OptionRule, ...others: readonly OptionRule[]): OptionRule {
  return (value) => {
    const problem = first(value);
    return problem && others.every((rule) => rule(value) !== undefined) ? problem : undefined;
  };
}

/** Whether something can hold options: an object, but no array. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A short, safe description of a value for an error message: never the content of an object. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'an array' : 'an object';
    default:
      return `a ${typeof value}`;
  }
}

function numberRule(expected: string, accepts: (value: number) => boolean): OptionRule {
  return (value) =>
    typeof value === 'number' && accepts(value) ? undefined : `must be ${expected}, got ${describe(value)}`;
}
