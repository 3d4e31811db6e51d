import { type SseOptionProblem, SseOptionsError } from '../protocol/index.js';
import { assertOptions, describe, durationMs, isObject, ofType } from '../protocol/internal.js';
import type { SseReceiverService, SseSubscription } from '../receiver/index.js';
import { LeasedCursorStore } from './leased-cursor-store.js';
import type { SseLease, SseLeases } from './leases.js';
import type { SseSourceOptions } from './source-options.js';
import type { StartUpProblems } from './start-up-problems.js';

/** A source that can be connected. */
export interface OpenSource {
  readonly name: string;
  readonly isEnabled: boolean;
  /** Whether a new process goes on where this one ends. */
  readonly keepsCursor: boolean;
  readonly stopTimeoutMs: number;
  readonly slowAfterMs: number;
  /** The first one. */
  readonly subscription: SseSubscription;
  /** Absent where every instance follows it. */
  readonly leases: SseLeases | undefined;
  /**
   * Makes another one, that goes on from a cursor.
   *
   * @param lease without which the cursor must not be touched
   */
  subscribe(lastEventId: string, lease?: SseLease): SseSubscription;
}

const rules = {
  stopTimeoutMs: durationMs(),
  slowAfterMs: durationMs(),
  enabled: ofType('boolean'),
  lease: (value: unknown) =>
    typeof (value as Partial<SseLeases> | null)?.acquire === 'function'
      ? undefined
      : `must be an object with acquire(), as redisLeases() gives it, got ${describe(value)}`,
};

/**
 * Makes the subscriptions of all sources; none of them connects.
 *
 * @param declared what each module has given as its `sources`
 * @param problems gets every problem of all of them, by paths such as `sources.billing.retry.baseMs`
 * @returns by name; nothing for those that have a problem
 */
export function openSources(
  declared: readonly unknown[],
  receiver: SseReceiverService,
  problems: StartUpProblems,
): Map<string, OpenSource | undefined> {
  const opened = new Map<string, OpenSource | undefined>();
  for (const [name, options] of declared.flatMap((sources) => entriesOf(sources, problems))) {
    const option = `sources.${name}`;
    if (opened.has(name)) {
      problems.addOptions([{ option, problem: 'is there twice: give one of the two another name' }]);
    }
    opened.set(name, undefined);
    const problem = problemOf(name, options);
    if (problem) problems.addOptions([{ option, problem }]);
    else problems.addOptions(under(option, () => opened.set(name, open(name, options as SseSourceOptions, receiver))));
  }
  return opened;
}

function entriesOf(sources: unknown, problems: StartUpProblems): [string, unknown][] {
  if (isObject(sources)) return Object.entries(sources);
  const problem = `must be an object of sources by name, got ${describe(sources)}`;
  problems.addOptions([{ option: 'sources', problem }]);
  return [];
}

function problemOf(name: string, options: unknown): string | undefined {
  if (name === '') return 'must have a name';
  return isObject(options) ? undefined : `must be an object with a url, got ${describe(options)}`;
}

function open(name: string, options: SseSourceOptions, receiver: SseReceiverService): OpenSource {
  const { url, stopTimeoutMs = 10_000, slowAfterMs = 60_000, enabled = true, lease: leases, ...rest } = options;
  const subscribe = (cursor: { readonly lastEventId?: string }, lease?: SseLease) => {
    const store = rest.cursorStore && lease ? { cursorStore: new LeasedCursorStore(rest.cursorStore, lease) } : {};
    const subscription = receiver.subscribe(url, { ...rest, ...cursor, ...store, name });
    if (!enabled || (leases && !lease)) void subscription.close();
    return subscription;
  };
  const own = Object.entries({ stopTimeoutMs, slowAfterMs, enabled, lease: leases }).flatMap(([option, value]) => {
    const problem = value === undefined ? undefined : rules[option as keyof typeof rules](value);
    return problem ? [{ option, problem }] : [];
  });
  if ('name' in rest) own.push({ option: 'name', problem: 'is not an option: the name is the key of the source' });
  let subscription: SseSubscription | undefined;
  const others = under('', () => {
    subscription = subscribe({});
  });
  assertOptions([...own, ...others]);
  return {
    name,
    isEnabled: enabled,
    keepsCursor: rest.cursorStore !== undefined,
    stopTimeoutMs,
    slowAfterMs,
    subscription: subscription as SseSubscription,
    leases,
    subscribe: (lastEventId, lease) => subscribe({ lastEventId }, lease),
  };
}

/** What an SseOptionsError says, under a path. */
function under(path: string, check: () => void): readonly SseOptionProblem[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof SseOptionsError)) throw error;
    return error.problems.map(({ option, problem }) => ({ option: path ? `${path}.${option}` : option, problem }));
  }
}
