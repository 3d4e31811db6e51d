import { type SseOptionProblem, SseOptionsError } from '../protocol/index.js';
import { assertOptions, describe, durationMs } from '../protocol/internal.js';
import type { SseReceiverService, SseSubscription } from '../receiver/index.js';
import type { SseSourceOptions } from './source-options.js';

/** A source that can be connected. */
export interface OpenSource {
  readonly name: string;
  readonly subscription: SseSubscription;
  readonly stopTimeoutMs: number;
}

/**
 * Makes the subscriptions of all sources; none of them connects.
 *
 * @param declared what each module has given as its `sources`
 * @throws SseOptionsError that names every problem of all of them, by paths such as `sources.billing.retry.baseMs`
 */
export function openSources(declared: readonly unknown[], receiver: SseReceiverService): Map<string, OpenSource> {
  const opened = new Map<string, OpenSource>();
  const named = new Set<string>();
  const problems: SseOptionProblem[] = [];
  for (const [name, options] of declared.flatMap((sources) => entriesOf(sources, problems))) {
    const option = `sources.${name}`;
    if (named.has(name)) problems.push({ option, problem: 'is there twice: give one of the two another name' });
    named.add(name);
    const problem = problemOf(name, options);
    if (problem) problems.push({ option, problem });
    else collect(problems, `${option}.`, () => opened.set(name, open(name, options as SseSourceOptions, receiver)));
  }
  assertOptions(problems);
  return opened;
}

function entriesOf(sources: unknown, problems: SseOptionProblem[]): [string, unknown][] {
  if (isObject(sources)) return Object.entries(sources);
  problems.push({ option: 'sources', problem: `must be an object of sources by name, got ${describe(sources)}` });
  return [];
}

function problemOf(name: string, options: unknown): string | undefined {
  if (name === '') return 'must have a name';
  return isObject(options) ? undefined : `must be an object with a url, got ${describe(options)}`;
}

function open(name: string, options: SseSourceOptions, receiver: SseReceiverService): OpenSource {
  const { url, stopTimeoutMs = 10_000, ...rest } = options;
  const own: SseOptionProblem[] = [];
  const late = durationMs()(stopTimeoutMs);
  if (late) own.push({ option: 'stopTimeoutMs', problem: late });
  if ('name' in rest) own.push({ option: 'name', problem: 'is not an option: the name is the key of the source' });
  let subscription: SseSubscription | undefined;
  collect(own, '', () => {
    subscription = receiver.subscribe(url, { ...rest, name });
  });
  assertOptions(own);
  return { name, subscription: subscription as SseSubscription, stopTimeoutMs };
}

/** Adds what an SseOptionsError says to a list of problems, under a path. */
function collect(problems: SseOptionProblem[], path: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof SseOptionsError)) throw error;
    problems.push(...error.problems.map(({ option, problem }) => ({ option: path + option, problem })));
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
